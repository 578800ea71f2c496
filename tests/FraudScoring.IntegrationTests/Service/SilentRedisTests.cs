using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Redis is frozen: its connections stay open, and nothing answers.</summary>
public sealed class SilentRedisTests
{
    private const string Timeouts = """fraud_feature_read_failures_total{reason="timeout"}""";
    private const string Skipped = """fraud_feature_read_failures_total{reason="breaker_open"}""";
    private const string Open = "fraud_redis_breaker_open";

    private int _scored;

    [Test]
    public async Task Score_RedisFrozen_SendsNoReadsUntilItAnswersAgain()
    {
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        await using var redis = await RedisServer.StartNewAsync(RedisPersistence.None);
        await using var service = await ServiceUnderTest.StartAsync(
            // So that none is sent again, which would count twice.
            backends, ("Redis:Configuration", redis.Configuration), ("Scoring:BudgetMs", "5000"));
        await Eventually.IsTrueAsync(async () => await ScoreAsync(service) == Degradation.None);
        Assert.That(await service.MetricAsync(Open), Is.Zero);

        var (reads, scored) = (await ReadsAsync(redis), _scored);
        redis.Freeze();
        await Eventually.IsTrueAsync(async () =>
            await ScoreAsync(service) == Degradation.MissingFeatures && await service.MetricAsync(Skipped) > 0);
        // Not open while a probe runs.
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(Open) == 1);
        Assert.That(await service.Http.GetStringAsync("/health/ready"), Does.Contain("\"ready\"").And.Contain("redis_silent"));
        var (timeouts, skipped) = (await service.MetricAsync(Timeouts), await service.MetricAsync(Skipped));
        for (var i = 0; i < 100; i++)
        {
            Assert.That(await ScoreAsync(service), Is.EqualTo(Degradation.MissingFeatures));
        }
        Assert.That(await service.MetricAsync(Timeouts), Is.EqualTo(timeouts), "no payment waited");
        Assert.That(await service.MetricAsync(Skipped), Is.EqualTo(skipped + 100));

        redis.Thaw();
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(Open) == 0);
        await Eventually.IsTrueAsync(async () => await ScoreAsync(service) == Degradation.None);
        Assert.That(await ReadsAsync(redis) - reads, Is.EqualTo(_scored - scored - await service.MetricAsync(Skipped)),
            "skipped reads were not sent");
    }

    /// <summary>Number of MGETs that Redis has run: each payment that reads sends one.</summary>
    private static async Task<long> ReadsAsync(RedisServer redis)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        var statistics = await client.GetServer(redis.Configuration).InfoAsync("commandstats");
        var mget = statistics.SelectMany(group => group).Single(entry => entry.Key == "cmdstat_mget").Value;
        return long.Parse(mget.Split(',')[0]["calls=".Length..]);
    }

    private async Task<Degradation> ScoreAsync(ServiceUnderTest service)
    {
        var payment = ServiceUnderTest.NewPayment($"silent-{++_scored}");
        return (await service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment })).Assessment.Degradation;
    }
}
