using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Core;

namespace FraudScoring.LoadTest.Scores;

/// <summary>How a call ended.</summary>
internal enum Outcome
{
    /// <summary>A model gave a probability.</summary>
    Scored,

    /// <summary>Rules and lists alone decided.</summary>
    WithoutModel,

    /// <summary>The service answered with a status other than OK.</summary>
    Refused,

    /// <summary>No answer came until the deadline, when the client cancelled the call.</summary>
    Expired,

    /// <summary>The connection failed.</summary>
    Failed,
}

/// <summary>The answer to a call.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Status">The status, OK unless the call was refused.</param>
/// <param name="Degradation">The most severe degradation of a scored payment.</param>
/// <param name="Decision">What was decided.</param>
internal readonly record struct Answer(
    Outcome Outcome, StatusCode Status = StatusCode.OK, Degradation Degradation = Degradation.None,
    Decision Decision = Decision.Unspecified)
{
    /// <summary>The answer of the floor, which is always a score.</summary>
    public static Answer OfFloor(ReadOnlySpan<byte> message) => new(Outcome.Scored);

    /// <summary>Reads a serialised ScoreResponse.</summary>
    public static Answer OfService(ReadOnlySpan<byte> response)
    {
        var (hasProbability, degradation, decision) = (false, Degradation.Unspecified, Decision.Unspecified);
        for (var assessment = WireFields.Find(response, ScoreResponse.AssessmentFieldNumber); !assessment.IsEmpty;)
        {
            var tag = (uint)WireFields.ReadVarint(ref assessment);
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case Assessment.DegradationFieldNumber:
                    degradation = (Degradation)WireFields.ReadVarint(ref assessment);
                    break;
                case Assessment.DecisionFieldNumber:
                    decision = (Decision)WireFields.ReadVarint(ref assessment);
                    break;
                case var field:
                    hasProbability |= field == Assessment.FraudProbabilityFieldNumber;
                    WireFields.Skip(tag, ref assessment);
                    break;
            }
        }
        var isScored = hasProbability && degradation != Degradation.RulesOnly;
        return new Answer(isScored ? Outcome.Scored : Outcome.WithoutModel, Degradation: degradation, Decision: decision);
    }
}
