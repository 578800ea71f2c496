using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>Services that are killed repeatedly lose no event and count none twice.</summary>
public sealed class CrashTests
{
    private const int Payments = 200_000;
    private const int Kills = 20;

    [Test]
    public async Task TwoServices_KilledAtRandom_KeepEveryEventOnce()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var log = await HistoryLog.CreateAsync(
            await Servers.KafkaAsync(), redis.Configuration, "crash", Payments, partitions: 8);
        await Task.WhenAll(log.StartServiceAsync(), log.StartServiceAsync());
        var random = new Random(11);
        var kills = 0;
        while (kills < Kills)
        {
            log.Write(1.0 / Kills);
            await log.UntilMoreAsync();
            await Task.Delay(random.Next(300));
            var victims = log.Services.Where(_ => random.Next(3) > 0).ToList();
            await Task.WhenAll(victims.Select(log.CrashAsync));
            kills += victims.Count;
        }
        log.Write(1);
        await log.UntilAllAsync();
        await log.AuditAsync();
    }
}
