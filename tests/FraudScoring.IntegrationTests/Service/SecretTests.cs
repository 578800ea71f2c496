using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Hosting;
using FraudScoring.V1;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>An instance with another secret would find no history, and write a second one beside the first.</summary>
public sealed class SecretTests
{
    private const string Own = "a secret of the tests", Other = "a secret with a typo";

    private Backends _backends = null!;
    private RedisServer _redis = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartKafkaAsync();
        _redis = await RedisServer.StartNewAsync(RedisPersistence.AppendOnlyFile);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await (_redis?.DisposeAsync() ?? default);

    [Test]
    public async Task AnotherSecret_IsRefusedAtTheStart_AndReadsAndWritesNothingIfRedisWasAwayThen()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using (var service = await StartServiceAsync(Own))
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment("own-1", "card-own", now.AddMinutes(-5)));
            await Eventually.IsTrueAsync(async () =>
                await service.FeatureAsync(ServiceUnderTest.NewPayment($"p-{Guid.NewGuid():N}", "card-own", now), "card_count_24h") == 1);
        }
        var refused = await Assert.ThrowsAsync<StartFaultsException>(async () => await (await StartServiceAsync(Other)).DisposeAsync());
        var fault = refused!.Message;
        Assert.That(fault, Does.Contain("1 fault.").And.Contain("  Redis:EntityHashSecret: is not the secret that the profiles in Redis were "
            + "written with").And.Contain("as Redis:PreviousEntityHashSecret to replace it"));
        Assert.That(fault, Does.Not.Contain(Other));

        await _redis.StopAsync();
        await using var replica = await StartServiceAsync(Other);
        await _redis.StartAsync();
        var keys = await KeysAsync();
        await replica.PublishAsync(ServiceUnderTest.NewPayment("own-2", "card-own", now.AddMinutes(-4)));
        // Not the metric: the refused start in this process has set it already.
        await Eventually.IsTrueAsync(async () =>
            (await replica.Http.GetStringAsync("/health/ready")).Contains("\"other_secret\"", StringComparison.Ordinal));
        var answer = await replica.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("probe", "card-own", now) });
        Assert.That(answer.Assessment.Degradation, Is.EqualTo(Degradation.MissingFeatures));
        Assert.That(await replica.MetricAsync("fraud_other_secret"), Is.EqualTo(1));
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.That(await KeysAsync(), Is.EquivalentTo(keys));

        await using var right = await StartServiceAsync(Own);
        await Eventually.IsTrueAsync(async () =>
            await right.FeatureAsync(ServiceUnderTest.NewPayment($"p-{Guid.NewGuid():N}", "card-own", now), "card_count_24h") == 2);
    }

    private Task<ServiceUnderTest> StartServiceAsync(string secret) => ServiceUnderTest.StartAsync(_backends,
        ("Redis:Configuration", _redis.Configuration + ",connectTimeout=500,connectRetry=1"), ("Redis:EntityHashSecret", secret));

    private async Task<List<string>> KeysAsync()
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        // Lists of score requests are written when a payment is scored.
        return [.. client.GetServer(_redis.Configuration).Keys(pageSize: 1000).Select(key => key.ToString())];
    }
}
