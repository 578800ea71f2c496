using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>Redis restarts empty or with an older snapshot. The log is read again, and all profiles are restored.</summary>
public sealed class RedisLossTests
{
    private const int Payments = 30_000;

    [Test]
    public async Task Redis_RestartedEmpty_WhileEventsFlowAndInTheQuiet_IsHealed()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var log = await HistoryLog.CreateAsync(await Servers.KafkaAsync(), redis.Configuration, "redis-empty", Payments);
        var service = await log.StartServiceAsync();
        log.Write(0.5);
        await log.UntilMoreAsync();
        await RestartAsync(redis);
        log.Write(1);
        await log.UntilAllAsync();
        await RestartAsync(redis);
        await log.UntilAllAsync();
        await log.AuditAsync();
        Assert.That(await service.MetricAsync("fraud_rewinds_total"), Is.GreaterThan(0));
    }

    [Test]
    public async Task Redis_RestartedFromAnOlderSnapshot_IsHealed()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var log = await HistoryLog.CreateAsync(await Servers.KafkaAsync(), redis.Configuration, "redis-older", Payments);
        var service = await log.StartServiceAsync();
        log.Write(0.3);
        await log.UntilMoreAsync();
        await redis.SaveSnapshotAsync();
        log.Write(0.3);
        await log.UntilAllAsync();
        log.Write(0.2);
        await log.UntilMoreAsync();
        await RestartAsync(redis);
        log.Write(1);
        await log.UntilAllAsync();
        await log.AuditAsync();
        Assert.That(await service.MetricAsync("fraud_rewinds_total"), Is.GreaterThan(0));
    }

    [Test]
    public async Task Redis_FailedOverToItsReplicaWhileEventsFlow_IsHealed()
    {
        await using var primary = await RedisServer.StartNewAsync();
        await using var replica = await RedisServer.StartNewAsync();
        await replica.FollowAsync(primary);
        // The clients are not informed of the failover. They must find the primary themselves.
        var both = $"{primary.Configuration},{replica.Configuration},configCheckSeconds=2";
        await using var log = await HistoryLog.CreateAsync(await Servers.KafkaAsync(), both, "fail-over", Payments);
        await log.StartServiceAsync();
        log.Write(0.5);
        await log.UntilMoreAsync();
        log.Write(0.2);
        await primary.KillAsync();
        await replica.PromoteAsync();
        log.Write(1);
        await log.UntilAllAsync();
        await log.AuditAsync();
    }

    private static async Task RestartAsync(RedisServer redis)
    {
        await redis.KillAsync();
        await redis.StartAsync();
    }
}
