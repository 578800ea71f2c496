using Prometheus;

namespace FraudScoring.Server.Monitoring;

/// <summary>Every metric the service shows.</summary>
internal static class ServerMetrics
{
    /// <summary>Decisions a broker has acknowledged.</summary>
    public static readonly Counter DecisionsPublished = Metrics.CreateCounter(
        "fraud_decisions_published_total", "Decisions delivered to Kafka and acknowledged.");

    /// <summary>Decisions lost, by reason: queue_full, stopping, unwritable, too_large, timed_out, refused, client_broken.</summary>
    public static readonly Counter DecisionsDropped = Metrics.CreateCounter(
        "fraud_decisions_dropped_total", "Decisions that did not reach Kafka.", "reason");

    /// <summary>Decisions accepted and neither acknowledged nor dropped yet.</summary>
    public static readonly Gauge DecisionQueueDepth = Metrics.CreateGauge(
        "fraud_decision_queue_depth", "Decisions accepted for Kafka and not acknowledged yet.");

    /// <summary>Records put aside, by the topic they came from and the kind of fault.</summary>
    public static readonly Counter DeadLetters = Metrics.CreateCounter(
        "fraud_dead_letters_total", "Records put aside to a dead-letter topic.", "topic", "reason");
}
