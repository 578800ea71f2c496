using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Features;
using FraudScoring.Server.Scoring;
using Microsoft.Extensions.ObjectPool;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// A catalogue and everything bound to it: its profiles in Redis, the consumers that keep them true, its models and policy, and the path of
/// a payment over them. One deployment is in force; another may be filled from the log at the same time.
/// </summary>
internal sealed class Deployment
{
    /// <summary>The catalogue, the policy and the models.</summary>
    public required ModelsFolder Models { get; init; }

    /// <summary>The catalogue.</summary>
    public FeatureCatalogue Catalogue => Models.Catalogue;

    /// <summary>Names of its profiles in Redis.</summary>
    public required ProfileKeys Keys { get; init; }

    /// <summary>Reads its profiles.</summary>
    public required RedisFeatureStore Store { get; init; }

    /// <summary>Remembers its transactions.</summary>
    public required TransactionIndex Transactions { get; init; }

    /// <summary>How far its profiles are behind the transactions.</summary>
    public required StreamHealth PaymentsHealth { get; init; }

    /// <summary>How far its profiles are behind the labels.</summary>
    public required StreamHealth LabelsHealth { get; init; }

    /// <summary>Leases the model that scores.</summary>
    public required ModelRouter Router { get; init; }

    /// <summary>The path of a payment.</summary>
    public required PaymentScorer Scorer { get; init; }

    /// <summary>Buffers of payments on the path.</summary>
    public required ObjectPool<ScoringContext> Contexts { get; init; }

    /// <summary>The consumers of both topics, and the repair of corrupt profiles.</summary>
    public required IReadOnlyList<BackgroundService> Consumers { get; init; }

    /// <summary>Starts the consumers.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(Consumers.Select(consumer => consumer.StartAsync(cancellationToken)));

    /// <summary>Completes when a consumer fails, and rethrows its exception. Consumers end by themselves only by failing.</summary>
    public async Task RunAsync() => await await Task.WhenAny(Consumers.Select(consumer => consumer.ExecuteTask ?? Task.CompletedTask));

    /// <summary>Stops the consumers. The profiles stay as they are.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(Consumers.Select(consumer => consumer.StopAsync(cancellationToken)));
}
