using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Redis loses data while the service runs, or while it is down: the log is read again, and the features are as before.</summary>
public sealed class DataLossTests
{
    private Backends _backends = null!;
    private RedisServer _redis = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartKafkaAsync();
        _redis = await RedisServer.StartNewAsync(RedisPersistence.None);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _redis.DisposeAsync();

    [TestCase(true, TestName = "RedisFlushed_WhileTheServiceRuns_IsHealedFromTheLog")]
    [TestCase(false, TestName = "RedisFlushed_WhileTheServiceIsDown_IsHealedFromTheLog")]
    public async Task RedisFlushed(bool whileRunning)
    {
        var card = $"card-lost-{whileRunning}";
        var now = TimeProvider.System.GetUtcNow();
        var service = await StartServiceAsync();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-{i}", card, now.AddMinutes(-50 + i)));
            }
            await Eventually.IsTrueAsync(async () => await CountAsync(service, card, now) == 40);
            // One commit later, so that a new instance does not read them again anyway.
            await Task.Delay(2500);
            if (!whileRunning)
            {
                await service.DisposeAsync();
            }
            await _redis.FlushAllAsync();
            if (!whileRunning)
            {
                service = await StartServiceAsync();
            }
            await Eventually.IsTrueAsync(async () => await CountAsync(service, card, now) == 40);
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-after", card, now.AddMinutes(-1)));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, card, now) == 41);
            Assert.That(await service.MetricAsync("fraud_rewinds_total{topic=\"" + service.Kafka.Options.TransactionsTopic + "\"}"), Is.GreaterThan(0));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private Task<ServiceUnderTest> StartServiceAsync() => ServiceUnderTest.StartAsync(_backends, ("Redis:Configuration", _redis.Configuration));

    private static async Task<float> CountAsync(ServiceUnderTest service, string card, DateTimeOffset now) =>
        await service.FeatureAsync(ServiceUnderTest.NewPayment($"probe-{Guid.NewGuid():N}", card, now), "card_count_24h");
}
