using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.IntegrationTests.Recovery;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Chaos;

/// <summary>
/// A service consumes a history and scores payments, while Redis is frozen, Kafka is paused, and it is killed (SIGKILL). Afterwards the
/// features equal those of an independent computation, and every answer has said what was missing.
/// </summary>
public sealed class FaultSequenceTests
{
    private KafkaBroker _broker = null!;

    [SetUp]
    public async Task Start() => _broker = await Servers.FailingKafkaAsync();

    [TearDown]
    public void Thaw() => _broker.Thaw();

    [Test]
    public async Task Service_RedisFrozenKafkaPausedAndKilled_KeepsFeaturesAndDecisions_AndNamesWhatWasMissing()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var log = await HistoryLog.CreateAsync(_broker, redis.Configuration, "chaos", ChaosLength.History);
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        var service = await log.StartServiceAsync(
            ("Spool:Folder", folder.FullName), ("Spool:Mode", "Acknowledge"),
            ("Kafka:SessionTimeoutSeconds", "6"), ("Inference:Device", "Cpu"));
        await using var callers = new PaymentCallers(service.Scoring, ChaosLength.PaymentsPerSecond);
        log.Write(0.2);
        await callers.UntilMoreAsync(ChaosLength.PaymentsPerSecond);

        var frozen = await FreezeAsync(redis, service, callers, log);
        for (var kill = 0; kill < ChaosLength.Kills; kill++)
        {
            log.Write(0.3 / ChaosLength.Kills);
            await log.UntilMoreAsync();
            await service.KillAsync();
            await service.StartAsync();
            log.Write(0.3 / ChaosLength.Kills);
            await callers.UntilMoreAsync(50);
            _broker.Freeze();
            await Task.Delay(ChaosLength.Pause / ChaosLength.Kills);
            await service.KillAsync();
            await service.StartAsync();
            await callers.UntilMoreAsync(50);
            _broker.Thaw();
        }
        log.Write(1);
        await log.UntilAllAsync();
        await UntilAsync(callers, answer => answer.Degradations.Count == 0);
        await callers.StopAsync();
        await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_decision_queue_depth") == 0);
        folder.Delete(recursive: true);

        await log.AuditAsync();
        var recorded = await RecordedDecisions.ReadAsync(_broker.BootstrapServers, log.Decisions);
        var lost = callers.Answered.Count(
            answer => !recorded.Contains(answer) && !answer.Degradations.Contains(Degradation.Unrecorded));
        await TestContext.Out.WriteLineAsync(
            $"{callers.Answered.Count} answered, {lost} lost; {frozen} while Redis was frozen, all with MISSING_FEATURES; "
            + $"{recorded.Records - recorded.Count} repeated; "
            + string.Join(", ", callers.Answered.SelectMany(answer => answer.Degradations).CountBy(degradation => degradation)));
        Assert.That(lost, Is.Zero);
        recorded.AssertOrder();
        recorded.AssertDegradationsAreNamed(callers.Answered);
    }

    /// <summary>Freezes Redis for a while. Every payment is answered and says what is missing, and the service stays ready.</summary>
    /// <returns>The number of answers.</returns>
    private static async Task<int> FreezeAsync(RedisServer redis, ServiceProcess service, PaymentCallers callers, HistoryLog log)
    {
        redis.Freeze();
        await UntilAsync(callers, answer => answer.Degradations.Contains(Degradation.MissingFeatures));
        log.Write(0.1);
        var (first, refused) = (callers.Answered.Count, callers.Refused);
        for (var elapsed = TimeSpan.Zero; elapsed < ChaosLength.Pause; elapsed += TimeSpan.FromSeconds(1))
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.That((await service.ReadinessAsync()).IsReady, Is.True);
        }
        var answers = callers.Answered.Skip(first).ToList();
        // A pause of the machine may cost every caller the call that it waits for.
        Assert.That(
            callers.Refused - refused, Is.LessThanOrEqualTo(PaymentCallers.Callers + (answers.Count / 100)), "payments without an answer");
        redis.Thaw();
        Assert.That(answers, Is.Not.Empty);
        Assert.That(answers.Select(answer => answer.Degradations), Is.All.Contains(Degradation.MissingFeatures));
        await UntilAsync(callers, answer => answer.Degradations.Count == 0);
        return answers.Count;
    }

    private static Task UntilAsync(PaymentCallers callers, Func<Assessment, bool> isReached) =>
        Eventually.IsTrueAsync(() => callers.Answered is { Count: > 0 } answered && isReached(answered[^1]));
}
