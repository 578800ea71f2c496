using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>Partitions move between instances while events are consumed.</summary>
public sealed class RebalanceTests
{
    private const int Payments = 40_000;

    private RedisServer _redis = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _redis = await RedisServer.StartNewAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [Test]
    public async Task AThirdInstance_JoiningAndLeaving_ChangesNothing()
    {
        await using var log = await HistoryLog.CreateAsync(
            await Servers.KafkaAsync(), _redis.Configuration, "rebalance", Payments, partitions: 6);
        await Task.WhenAll(log.StartServiceAsync(), log.StartServiceAsync());
        log.Write(0.1);
        var third = await log.StartServiceAsync();
        for (var stay = 0; stay < 3; stay++)
        {
            await WriteUntilAsync(log, async () => await third.MetricAsync("fraud_events_applied_total") > 0);
            await third.StopAsync();
            log.Write(0.05);
            if (stay < 2)
            {
                await third.StartAsync();
            }
        }
        log.Write(1);
        await log.UntilAllAsync();
        await log.AuditAsync();
    }

    [Test]
    public async Task AFrozenInstance_WhosePartitionsWereTaken_WritesNothingTwiceWhenItWakes()
    {
        await using var log = await HistoryLog.CreateAsync(
            await Servers.KafkaAsync(), _redis.Configuration, "frozen", Payments, partitions: 6);
        var frozen = await log.StartServiceAsync();
        await log.StartServiceAsync();
        for (var freeze = 0; freeze < 3; freeze++)
        {
            await WriteUntilAsync(log, async () => await frozen.MetricAsync("fraud_events_applied_total") > 0);
            await log.FreezeAsync(frozen);
            log.Write(0.1);
            await log.UntilAllAsync();
            frozen.Thaw();
            log.Write(0.05);
        }
        log.Write(1);
        await log.UntilAllAsync();
        await log.AuditAsync();
    }

    /// <summary>Writes in small parts, so that events keep coming until the task has ended.</summary>
    private static async Task WriteUntilAsync(HistoryLog log, Func<Task<bool>> condition) => await Eventually.IsTrueAsync(async () =>
    {
        log.Write(0.0005);
        return await condition();
    });
}
