using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Payments are scored while Redis or Kafka is down, and the response says what was missing.</summary>
public sealed class OutageTests
{
    private int _scored;

    [Test]
    public async Task Score_RedisGoneAndBack_IsAnsweredThroughout()
    {
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        await using var redis = await RedisServer.StartNewAsync(RedisPersistence.None);
        await using var service = await ServiceUnderTest.StartAsync(
            backends, ("Redis:Configuration", redis.Configuration + ",connectTimeout=500"), ("Scoring:IdempotencySeconds", "300"));
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "before") == Degradation.None);

        await redis.KillAsync();
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "gone") == Degradation.MissingFeatures);
        var without = await service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("without") });
        Assert.That(without.Assessment.FraudProbability, Is.InRange(0.0, 1.0));
        Assert.That(without.Assessment.Decision, Is.Not.EqualTo(Decision.Unspecified));
        Assert.That(await service.Http.GetStringAsync("/health/ready"),
            Does.StartWith("""{"status":"ready","reasons":[{"code":"redis_not_connected","""));
        var repeated = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("repeated-without") };
        await service.Scoring.ScoreAsync(repeated);
        Assert.That((await service.Scoring.ScoreAsync(repeated)).Replayed, Is.False, "the answer could not be kept");

        await redis.StartAsync();
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "back") == Degradation.None);
        await service.PublishAsync(ServiceUnderTest.NewPayment("event-after", "card-after"));
        await Eventually.IsTrueAsync(async () =>
            await service.FeatureAsync(ServiceUnderTest.NewPayment($"probe-{Guid.NewGuid():N}", "card-after"), "card_count_1h") == 1);
    }

    [Test]
    public async Task Score_KafkaGone_IsAnswered_AndTheDecisionArrivesLater()
    {
        var backends = Backends.Real();
        await backends.StartRedisAsync();
        var kafka = await Servers.FailingKafkaAsync();
        foreach (var topic in new[] { "t-transactions", "t-labels", "t-decisions" })
        {
            await kafka.CreateTopicAsync(topic, 2);
        }
        await using var service = await ServiceUnderTest.StartAsync(backends,
            ("Kafka:BootstrapServers", kafka.BootstrapServers), ("Kafka:TransactionsTopic", "t-transactions"),
            ("Kafka:LabelsTopic", "t-labels"), ("Kafka:DecisionsTopic", "t-decisions"));
        await kafka.KillAsync();
        var response = await service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("while-gone") });
        Assert.That(response.Assessment.FraudProbability, Is.InRange(0.0, 1.0));
        await kafka.StartAsync();
        Assert.That((await service.DecisionAsync("while-gone")).Assessment, Is.EqualTo(response.Assessment));
    }

    [Test]
    public async Task Score_KafkaAndRedisGoneForLong_NamesEveryDegradation_UntilTheyAreBack()
    {
        await using var redis = await RedisServer.StartNewAsync(RedisPersistence.None);
        var kafka = await Servers.FailingKafkaAsync();
        foreach (var topic in new[] { "s-transactions", "s-labels", "s-decisions" })
        {
            await kafka.CreateTopicAsync(topic, 2);
        }
        await using var service = await ServiceUnderTest.StartAsync(Backends.Real(),
            ("Redis:Configuration", redis.Configuration + ",connectTimeout=500"),
            ("Kafka:BootstrapServers", kafka.BootstrapServers), ("Kafka:TransactionsTopic", "s-transactions"),
            ("Kafka:LabelsTopic", "s-labels"), ("Kafka:DecisionsTopic", "s-decisions"), ("Scoring:StaleAfterSeconds", "5"),
            ("Kafka:DecisionQueueCapacity", "1"), ("Kafka:ClientQueueCapacity", "300"));
        await service.PublishAsync(ServiceUnderTest.NewPayment("before-stale"));
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "fresh") == Degradation.None);

        await kafka.KillAsync();
        await Eventually.IsTrueAsync(async () =>
        {
            // Each decision takes a place in the small queue, which must last until Redis is gone, too.
            await Task.Delay(TimeSpan.FromMilliseconds(250));
            return await DegradationAsync(service, "stale") == Degradation.StaleFeatures;
        });
        await redis.KillAsync();
        var missing = new Assessment();
        await Eventually.IsTrueAsync(async () =>
            (missing = await ScoreAsync(service, "missing")).Degradation == Degradation.MissingFeatures);
        var unrecorded = new Assessment();
        await Eventually.IsTrueAsync(async () =>
            (unrecorded = await ScoreAsync(service, "unrecorded")).Degradation == Degradation.Unrecorded);
        Assert.That(unrecorded.Degradations,
            Is.EqualTo(new[] { Degradation.Unrecorded, Degradation.MissingFeatures, Degradation.StaleFeatures }));

        await redis.StartAsync();
        await kafka.StartAsync();
        await Eventually.IsTrueAsync(async () => (await ScoreAsync(service, "fresh-again")).Degradations.Count == 0);
        var record = await service.DecisionAsync(missing.TransactionId);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(record.Assessment.Degradations, Is.EqualTo(new[] { Degradation.MissingFeatures, Degradation.StaleFeatures }));
            Assert.That(record.MissingEntities, Is.EqualTo(service.Catalogue.Entities.Select(entity => entity.Name)));
            Assert.That(record.LagSeconds, Is.GreaterThan(2));
        }
    }

    private async Task<Degradation> DegradationAsync(ServiceUnderTest service, string id) =>
        (await ScoreAsync(service, id)).Degradation;

    private async Task<Assessment> ScoreAsync(ServiceUnderTest service, string id) =>
        (await service.Scoring.ScoreAsync(
            new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"{id}-{Interlocked.Increment(ref _scored)}") })).Assessment;
}
