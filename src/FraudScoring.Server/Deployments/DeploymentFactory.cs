using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.ObjectPool;

namespace FraudScoring.Server.Deployments;

/// <summary>Builds deployments from the services that all deployments share.</summary>
internal sealed class DeploymentFactory(
    RedisConnections redis, KafkaClients kafka, EntityHasher hasher, RedisOptions redisOptions, ScoringOptions scoring, RedisRetry retry,
    DecisionProducer decisions, DeadLetterProducer deadLetters, LabelProducer labels, TimeProvider time, ILoggerFactory logs)
{
    private const int PooledContexts = 256;

    /// <summary>Builds a deployment, not yet started. Redis and Kafka must be open.</summary>
    public Deployment Create(ModelsFolder models)
    {
        var catalogue = models.Catalogue;
        var keys = new ProfileKeys(catalogue, hasher, redisOptions.KeyPrefix);
        var corrupt = new CorruptProfiles();
        var store = new RedisFeatureStore(redis, catalogue, keys, corrupt, time, logs.CreateLogger<RedisFeatureStore>());
        var transactions = new TransactionIndex(redis, keys, redisOptions, kafka.Options.MaxParkedLabels);
        var (paymentsHealth, labelsHealth) = (new StreamHealth(time), new StreamHealth(time));
        var router = new ModelRouter();
        router.Replace(models.Loaded);
        return new Deployment
        {
            Models = models,
            Keys = keys,
            Store = store,
            Transactions = transactions,
            PaymentsHealth = paymentsHealth,
            LabelsHealth = labelsHealth,
            Router = router,
            Contexts = new DefaultObjectPool<ScoringContext>(new ScoringContextPolicy(catalogue), PooledContexts),
            Scorer = new PaymentScorer(
                catalogue, store, paymentsHealth, router, models.Policy, decisions, scoring, redisOptions, time),
            Consumers =
            [
                Ingest(new TransactionStream(kafka.Options, keys, transactions, labels, retry, time), paymentsHealth),
                Ingest(new LabelStream(kafka.Options, keys, transactions, deadLetters, retry, time), labelsHealth),
                new ProfileRepair(kafka, keys, corrupt, Writer(), retry, time, logs.CreateLogger<ProfileRepair>()),
            ],
        };

        IngestLoop Ingest(IRecordStream stream, StreamHealth health) =>
            new(stream, keys, Writer(), kafka, deadLetters, health, time, logs.CreateLogger<IngestLoop>());

        // A writer reuses its buffers and is not thread-safe, so every consumer has its own.
        RedisProfileWriter Writer() => new(redis, retry, keys, corrupt, redisOptions, time, logs.CreateLogger<RedisProfileWriter>());
    }
}
