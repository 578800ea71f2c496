using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Features;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.ObjectPool;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// A catalogue and everything bound to it: its profiles in Redis, the consumers that update them, its models and policy, and the path of a
/// payment. One deployment is active; a second one may build its profiles from the Kafka log at the same time.
/// </summary>
internal sealed class Deployment
{
    public required ModelsFolder Models { get; init; }

    public FeatureCatalogue Catalogue => Models.Catalogue;

    public required ProfileKeys Keys { get; init; }

    /// <summary>Whether the profiles in Redis are those of this instance's secret.</summary>
    public required SecretState Secret { get; init; }

    public required RedisFeatureStore Store { get; init; }

    public required TransactionIndex Transactions { get; init; }

    /// <summary>How far the profiles lag behind the topic of transactions.</summary>
    public required StreamHealth PaymentsHealth { get; init; }

    /// <summary>How far the profiles lag behind the topic of labels.</summary>
    public required StreamHealth LabelsHealth { get; init; }

    /// <summary>Which history the profiles lack.</summary>
    public required StoredHistory History { get; init; }

    /// <summary>True once every partition of both topics was read to the end that it had when this service started.</summary>
    public bool HasReadUpToStart => PaymentsHealth.HasReadUpToStart && LabelsHealth.HasReadUpToStart;

    /// <summary>The gauges of both topics. The active deployment shows them.</summary>
    public required IReadOnlyList<StreamGauges> Gauges { get; init; }

    public required ModelRouter Router { get; init; }

    public required PaymentScorer Scorer { get; init; }

    /// <summary>Scores each transaction once.</summary>
    public required IdempotentScorer IdempotentScorer { get; init; }

    /// <summary>Pooled buffers, one per payment on the path.</summary>
    public required ObjectPool<ScoringContext> Contexts { get; init; }

    /// <summary>
    /// The consumers of both topics, the watch of their freshness, the search for the payments of labels, and the repair of corrupt
    /// profiles.
    /// </summary>
    public required IReadOnlyList<BackgroundService> Consumers { get; init; }

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Consumers.Select(consumer => consumer.StartAsync(cancellationToken)));

    /// <summary>Completes when a consumer fails, and rethrows its exception. Consumers end by themselves only by failing.</summary>
    public async Task RunAsync() => await await Task.WhenAny(Consumers.Select(consumer => consumer.ExecuteTask ?? Task.CompletedTask));

    /// <summary>Stops the consumers. The profiles remain in Redis.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Consumers.Select(consumer => consumer.StopAsync(cancellationToken)));
}
