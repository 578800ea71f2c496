using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.ObjectPool;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// A catalogue, and all that is bound to it: its profiles in Redis, the consumers that keep them true, its model and policy, and the path of
/// a payment over them. One line is in service; another may be filled from the log beside it.
/// </summary>
internal sealed class Deployment
{
    private const int PooledContexts = 256;
    private readonly BackgroundService[] _consumers;

    /// <param name="services">Where what all lines share comes from.</param>
    /// <param name="models">The catalogue, the policy and the model.</param>
    public Deployment(IServiceProvider services, ModelsFolder models)
    {
        Models = models;
        Keys = new ProfileKeys(models.Catalogue, services.GetRequiredService<EntityHasher>(), services.GetRequiredService<RedisOptions>().KeyPrefix);
        var corrupt = new CorruptProfiles();
        Store = ActivatorUtilities.CreateInstance<RedisFeatureStore>(services, models.Catalogue, Keys, corrupt);
        var kafka = services.GetRequiredService<KafkaOptions>();
        Transactions = new TransactionIndex(
            services.GetRequiredService<RedisConnections>(), Keys, services.GetRequiredService<RedisOptions>(), kafka.MaxParkedLabels);
        (PaymentsHealth, LabelsHealth) = (ActivatorUtilities.CreateInstance<StreamHealth>(services), ActivatorUtilities.CreateInstance<StreamHealth>(services));
        Router = new ModelRouter();
        Router.Replace(models.Shelf);
        Contexts = new DefaultObjectPool<ScoringContext>(new ScoringContextPolicy(models.Catalogue), PooledContexts);
        Scorer = ActivatorUtilities.CreateInstance<PaymentScorer>(services, models.Catalogue, Store, PaymentsHealth, Router, models.Policy);
        _consumers =
        [
            Ingest(ActivatorUtilities.CreateInstance<TransactionStream>(services, Keys, Transactions), PaymentsHealth),
            Ingest(ActivatorUtilities.CreateInstance<LabelStream>(services, Keys, Transactions), LabelsHealth),
            ActivatorUtilities.CreateInstance<ProfileRepair>(services, Keys, corrupt, Writer()),
        ];

        RedisProfileWriter Writer() => ActivatorUtilities.CreateInstance<RedisProfileWriter>(services, Keys, corrupt);
        IngestLoop Ingest(IRecordStream stream, StreamHealth health) => ActivatorUtilities.CreateInstance<IngestLoop>(services, stream, Keys, Writer(), health);
    }

    /// <summary>The catalogue, the policy and the model.</summary>
    public ModelsFolder Models { get; }

    /// <summary>The catalogue.</summary>
    public FeatureCatalogue Catalogue => Models.Catalogue;

    /// <summary>Names of its profiles in Redis.</summary>
    public ProfileKeys Keys { get; }

    /// <summary>Reads its profiles.</summary>
    public RedisFeatureStore Store { get; }

    /// <summary>Knows its transactions.</summary>
    public TransactionIndex Transactions { get; }

    /// <summary>How far its profiles are behind the transactions.</summary>
    public StreamHealth PaymentsHealth { get; }

    /// <summary>How far its profiles are behind the labels.</summary>
    public StreamHealth LabelsHealth { get; }

    /// <summary>Says which of its models scores.</summary>
    public ModelRouter Router { get; }

    /// <summary>The path of a payment.</summary>
    public PaymentScorer Scorer { get; }

    /// <summary>Buffers of payments on the path.</summary>
    public ObjectPool<ScoringContext> Contexts { get; }

    /// <summary>Starts to keep its profiles true.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_consumers.Select(consumer => consumer.StartAsync(cancellationToken)));

    /// <summary>Waits until a consumer ends, which before a stop it does only by a failure: that is thrown.</summary>
    public async Task FailedAsync() => await await Task.WhenAny(_consumers.Select(consumer => consumer.ExecuteTask ?? Task.CompletedTask));

    /// <summary>Leaves its profiles as they are.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_consumers.Select(consumer => consumer.StopAsync(cancellationToken)));
}
