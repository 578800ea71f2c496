using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.IntegrationTests.Streams;

/// <summary>Decisions to publish, identified by their transaction ids.</summary>
internal static class Decisions
{
    /// <summary>A decision on one of ten cards. <see cref="Number"/> returns its number.</summary>
    public static DecisionEvent Make(int number) => new()
    {
        Payment = new Payment { TransactionId = $"tx-{number}", CardToken = $"card-{number % 10}" },
        Assessment = new Assessment
        {
            TransactionId = $"tx-{number}", FraudProbability = 0.5, Decision = Decision.Review, DecisionId = $"decision-{number}",
        },
        DecisionTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(number)),
        Features = { Enumerable.Range(0, 40).Select(i => (float)i) },
    };

    public static int Number(byte[] record) => int.Parse(DecisionEvent.Parser.ParseFrom(record).Payment.TransactionId.AsSpan(3), null);
}
