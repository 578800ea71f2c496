using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>The broker is killed while events are produced and consumed.</summary>
public sealed class BrokerLossTests
{
    [Test]
    public async Task TheBroker_KilledAndStartedAgain_LosesAndRepeatsNothing()
    {
        var broker = await Servers.FailingKafkaAsync();
        await using var redis = await RedisServer.StartNewAsync();
        await using var log = await HistoryLog.CreateAsync(broker, redis.Configuration, "broker", payments: 30_000);
        await log.StartServiceAsync();
        log.Write(0.4);
        await log.UntilMoreAsync();
        log.Write(0.3);
        await broker.KillAsync();
        await broker.StartAsync();
        log.Write(1);
        await log.UntilAllAsync();
        await log.AuditAsync();
    }
}
