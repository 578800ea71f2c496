using System.Text;
using Confluent.Kafka;
using FraudScoring.Server.Kafka;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Chaos;

/// <summary>The decisions in a topic, compared with the answers that callers got.</summary>
internal sealed class RecordedDecisions
{
    private readonly Dictionary<string, DecisionEvent> _byId = [];

    private RecordedDecisions(IReadOnlyList<ConsumeResult<byte[], byte[]>> records)
    {
        Records = records.Count;
        foreach (var record in records)
        {
            var id = Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(DecisionProducer.IdHeader));
            var decision = DecisionEvent.Parser.ParseFrom(record.Message.Value);
            // Repeated records are copies.
            Assert.That(_byId.TryAdd(id, decision) || _byId[id].Equals(decision), Is.True, id);
            var card = Encoding.UTF8.GetString(record.Message.Key);
            Cards.TryAdd(card, []);
            Cards[card].Add((id, decision));
        }
    }

    /// <summary>Records in the topic, with repeated ones.</summary>
    public int Records { get; }

    public int Count => _byId.Count;

    public IEnumerable<DecisionEvent> Decisions => _byId.Values;

    private Dictionary<string, List<(string Id, DecisionEvent Decision)>> Cards { get; } = [];

    public static async Task<RecordedDecisions> ReadAsync(string bootstrapServers, string topic) =>
        new(await TopicReader.ReadAsync(bootstrapServers, topic));

    public bool Contains(Assessment answer) => _byId.ContainsKey(answer.DecisionId);

    /// <summary>Per card, the first copies of its decisions are in the order of its payments.</summary>
    public void AssertOrder()
    {
        foreach (var (card, decisions) in Cards)
        {
            Assert.That(
                decisions.DistinctBy(one => one.Id).Select(one => PaymentCallers.NumberOf(one.Decision.Payment.TransactionId)),
                Is.Ordered, card);
        }
    }

    /// <summary>Each record says what its answer said, and names the history that was missing.</summary>
    public void AssertDegradationsAreNamed(IEnumerable<Assessment> answers)
    {
        // An answer that says UNRECORDED may have been recorded after its time.
        foreach (var answer in answers.Where(one => Contains(one) && !one.Degradations.Contains(Degradation.Unrecorded)))
        {
            Assert.That(_byId[answer.DecisionId].Assessment, Is.EqualTo(answer));
        }
        foreach (var decision in Decisions)
        {
            Assert.That(decision.Assessment.Degradations.Contains(Degradation.MissingFeatures),
                Is.EqualTo(decision.MissingEntities.Count > 0), decision.Payment.TransactionId);
        }
    }
}
