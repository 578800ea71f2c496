using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Payments are scored while Redis or Kafka is down, and the response says what was missing.</summary>
public sealed class OutageTests
{
    [Test]
    public async Task Score_RedisGoneAndBack_IsAnsweredThroughout()
    {
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        await using var redis = await RedisServer.StartNewAsync(RedisPersistence.None);
        await using var service = await ServiceUnderTest.StartAsync(
            backends, ("Redis:Configuration", redis.Configuration + ",connectTimeout=500"));
        Assert.That(await DegradationAsync(service, "before"), Is.EqualTo(Degradation.None));

        await redis.KillAsync();
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "gone") == Degradation.MissingFeatures);
        var without = await service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("without") });
        Assert.That(without.Assessment.FraudProbability, Is.InRange(0.0, 1.0));
        Assert.That(without.Assessment.Decision, Is.Not.EqualTo(Decision.Unspecified));
        Assert.That(await service.Http.GetStringAsync("/health/ready"), Is.EqualTo("Degraded"));

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
        await using var kafka = await KafkaBroker.StartNewAsync();
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
    public async Task Score_KafkaGoneForLong_CallsFeaturesStale_UntilItIsBack()
    {
        var backends = Backends.Real();
        await backends.StartRedisAsync();
        await using var kafka = await KafkaBroker.StartNewAsync();
        foreach (var topic in new[] { "s-transactions", "s-labels", "s-decisions" })
        {
            await kafka.CreateTopicAsync(topic, 2);
        }
        await using var service = await ServiceUnderTest.StartAsync(backends,
            ("Kafka:BootstrapServers", kafka.BootstrapServers), ("Kafka:TransactionsTopic", "s-transactions"),
            ("Kafka:LabelsTopic", "s-labels"), ("Kafka:DecisionsTopic", "s-decisions"), ("Scoring:StaleAfterSeconds", "2"));
        await service.PublishAsync(ServiceUnderTest.NewPayment("before-stale"));
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "fresh") == Degradation.None);
        await kafka.KillAsync();
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "stale") == Degradation.StaleFeatures);
        await kafka.StartAsync();
        await Eventually.IsTrueAsync(async () => await DegradationAsync(service, "fresh-again") == Degradation.None);
    }

    private static async Task<Degradation> DegradationAsync(ServiceUnderTest service, string id) =>
        (await service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment(id) })).Assessment.Degradation;
}
