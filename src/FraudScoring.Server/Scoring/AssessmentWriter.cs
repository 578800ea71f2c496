using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Ensembles;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Server.Scoring;

/// <summary>Builds the messages of the reply and of the decision's Kafka record.</summary>
internal sealed class AssessmentWriter(FeatureCatalogue catalogue, DecisionPolicy policy, TimeProvider time)
{
    /// <summary>Builds the assessment, with the first <paramref name="reasons"/> reasons of the context.</summary>
    public V1.Assessment Write(
        ScoringContext context, PolicyOutcome outcome, EnsembleScore? score, Ensemble? ensemble, int reasons, Degradation degradation)
    {
        var assessment = new V1.Assessment
        {
            TransactionId = context.Payment.TransactionId,
            Decision = (V1.Decision)outcome.Decision,
            CatalogueHash = catalogue.Hash,
            PolicyHash = policy.Hash,
            Degradation = (V1.Degradation)degradation,
        };
        if (score is { } known && ensemble is not null)
        {
            AddScore(assessment, context, known, ensemble);
        }
        for (var i = 0; i < reasons; i++)
        {
            var reason = context.Reasons[i];
            assessment.Reasons.Add(new V1.Reason { Code = reason.Code, Text = reason.Text, Contribution = reason.Contribution });
        }
        return assessment;
    }

    public V1.DecisionEvent Event(ScoringContext context, V1.Payment message, V1.Assessment assessment, Ensemble? ensemble)
    {
        var record = new V1.DecisionEvent
        {
            Payment = message,
            Assessment = assessment,
            DecisionTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            BundleHash = ensemble?.Bundle.Hash ?? "",
        };
        record.Features.AddRange(context.Row);
        return record;
    }

    private static void AddScore(V1.Assessment assessment, ScoringContext context, EnsembleScore score, Ensemble ensemble)
    {
        var manifest = ensemble.Bundle.Manifest;
        assessment.FraudProbability = score.Probability;
        assessment.Model = manifest.Model;
        assessment.ModelVersion = manifest.Version;
        assessment.MemberScores.Capacity = manifest.Members.Count;
        for (var m = 0; m < manifest.Members.Count; m++)
        {
            assessment.MemberScores.Add(new V1.MemberScore { Member = manifest.Members[m], Margin = context.MemberMargins[m] });
        }
    }
}
