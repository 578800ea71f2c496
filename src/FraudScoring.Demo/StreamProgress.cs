using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using Prometheus;

namespace FraudScoring.Demo;

/// <summary>Number of the demo's records the service has applied since this object was created.</summary>
internal sealed class StreamProgress(StreamHealth health, KafkaOptions kafka)
{
    private readonly Since _transactions = new(ServerMetrics.EventsApplied.WithLabels(kafka.TransactionsTopic));
    private readonly Since _refused = new(ServerMetrics.DeadLetters.WithLabels(kafka.TransactionsTopic, "invalid"));
    private readonly Since _labels = new(ServerMetrics.EventsApplied.WithLabels(kafka.LabelsTopic));

    /// <summary>Payments that are in the profiles of their entities, or in the dead-letter topic.</summary>
    public long Transactions => _transactions.Count + _refused.Count;

    /// <summary>Labels that are in the profiles of their entities.</summary>
    public long Labels => _labels.Count;

    /// <summary>Whether the service has read the topic of transactions to its end.</summary>
    public bool CaughtUp => health.IsCaughtUp;

    private sealed class Since(Counter.Child counter)
    {
        private readonly double _start = counter.Value;

        public long Count => (long)(counter.Value - _start);
    }
}
