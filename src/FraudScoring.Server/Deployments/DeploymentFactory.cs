using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Resilience;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.ObjectPool;

namespace FraudScoring.Server.Deployments;

/// <summary>Builds deployments from the services that all deployments share.</summary>
internal sealed class DeploymentFactory(
    RedisConnections redis, RedisBreakers breakers, WaitDeadlines deadlines, KafkaClients kafka, EntityHashers hashers,
    RedisOptions redisOptions, ScoringOptions scoring, StreamsOptions streams, LabelsOptions labelsOptions, RedisRetry retry,
    DecisionProducer decisions, PendingAnswers pending, DeadLetterProducer deadLetters, LabelProducer labels, Erasures erasures,
    TimeProvider time, ILoggerFactory logs)
{
    private const int PooledContexts = 256;

    /// <summary>Builds a deployment, not yet started. Redis and Kafka must be open.</summary>
    public Deployment Create(ModelsFolder models)
    {
        var catalogue = models.Catalogue;
        var keys = new ProfileKeys(catalogue, hashers.Current, redisOptions.KeyPrefix, erasures)
        {
            Previous = hashers.Previous is { } before ? new ProfileKeys(catalogue, before, redisOptions.KeyPrefix, erasures) : null,
        };
        var previous = keys.Previous is null ? null : new PreviousProfiles(redis, keys.Previous);
        var corrupt = new CorruptProfiles();
        var secret = new SecretState(redis, keys, time, logs.CreateLogger<SecretState>());
        var store = new RedisFeatureStore(
            redis, breakers, deadlines, catalogue, keys, previous, corrupt, secret, time, logs.CreateLogger<RedisFeatureStore>());
        var transactions = new TransactionIndex(redis, keys, redisOptions, kafka.Options.MaxParkedLabels);
        var limits = streams.ToLimits();
        var freshness = new StreamFreshness(redis, keys);
        var generations = new TopicGenerations(redis, keys);
        var history = new StoredHistory(catalogue);
        var payments = Watched(TransactionRecord.TopicNumber, kafka.Options.TransactionsTopic);
        var labelled = Watched(LabelRecord.TopicNumber, kafka.Options.LabelsTopic);
        var parked = new ParkedLabels(kafka.Options, labelsOptions, keys, transactions, labels, deadLetters, retry);
        var search = new LabelSearch(kafka, labelsOptions, limits, keys, models.Rates, parked, payments.Health, labelled.Health, time,
            logs.CreateLogger<LabelSearch>());
        var router = new ModelRouter();
        router.Replace(models.Loaded);
        var answers = new StoredAnswers(redis, breakers, keys, scoring);
        var scorer = new PaymentScorer(
            catalogue, store, payments.Health, history, router, models.Policy, decisions, answers, scoring, redisOptions, time);
        return new Deployment
        {
            Models = models,
            Keys = keys,
            Secret = secret,
            Store = store,
            Transactions = transactions,
            PaymentsHealth = payments.Health,
            LabelsHealth = labelled.Health,
            History = history,
            Gauges = [payments.Gauges, labelled.Gauges],
            Router = router,
            Contexts = new DefaultObjectPool<ScoringContext>(new ScoringContextPolicy(catalogue), PooledContexts),
            Scorer = scorer,
            IdempotentScorer = new IdempotentScorer(scorer, answers, pending, time),
            Consumers =
            [
                Ingest(new TransactionStream(kafka.Options, limits, keys, models.Rates, transactions, parked, retry, time), payments),
                Ingest(new LabelStream(
                    kafka.Options, labelsOptions, limits, keys, transactions, parked, search, payments.Health, retry, time),
                    labelled),
                new FreshnessWatch(kafka, freshness, transactions, [payments, labelled], history, secret, time),
                search,
                new ProfileRepair(kafka, keys, models.Rates, corrupt, Writer(), generations, retry, limits, labelsOptions, time,
                    logs.CreateLogger<ProfileRepair>()),
            ],
        };

        IngestLoop Ingest(IRecordStream stream, WatchedTopic topic) => new(
            stream, keys, Writer(), kafka, deadLetters, freshness,
            new MissingHistory(new HistoryGaps(redis, keys), retry, time), generations, retry, topic.Health, topic.Gauges,
            time, logs.CreateLogger<IngestLoop>());

        WatchedTopic Watched(int number, string topic) => new(new TopicFreshness(number), new StreamHealth(time), new StreamGauges(topic));

        // A writer reuses its buffers and is not thread-safe, so every consumer has its own.
        RedisProfileWriter Writer() =>
            new(redis, retry, keys, previous, corrupt, secret, redisOptions, time, logs.CreateLogger<RedisProfileWriter>());
    }
}
