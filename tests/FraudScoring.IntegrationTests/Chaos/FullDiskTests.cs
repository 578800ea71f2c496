using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Chaos;

/// <summary>The disk of the spool fills up under load, while Kafka is paused.</summary>
public sealed class FullDiskTests
{
    private const int DiskBytes = 4 * 1024 * 1024;

    private KafkaBroker _broker = null!;

    [SetUp]
    public async Task Start() => _broker = await Servers.FailingKafkaAsync();

    [TearDown]
    public void Thaw() => _broker.Thaw();

    [Test]
    public async Task Score_DiskFullWhileKafkaIsPaused_SaysUnrecorded_AndLosesNothingElse()
    {
        const string topic = "decisions-full-disk";
        using var disk = SmallDisk.TryMount(DiskBytes, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        await _broker.CreateTopicAsync(topic, 4);
        await using var service = await ServiceProcess.StartNewAsync("full-disk", new Dictionary<string, string>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:GroupId"] = topic,
            ["Kafka:DecisionsTopic"] = topic,
            ["Spool:Folder"] = disk!.Folder,
            ["Inference:Device"] = "Cpu",
        }, null, TestContext.Out);
        await using var callers = new PaymentCallers(service.Scoring, ChaosLength.PaymentsPerSecond);
        await callers.UntilMoreAsync(200);
        _broker.Freeze();
        await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_spool_records") > 100);

        disk.Fill();
        await Eventually.IsTrueAsync(() => callers.Answered[^1].Degradations.Contains(Degradation.Unrecorded));
        var (isReady, body) = await service.ReadinessAsync();
        Assert.That(isReady, Is.True);
        Assert.That(body, Does.Contain("spool_full"));

        disk.Free();
        await UntilRecordedAsync(callers);
        // Now the spool fills its disk by itself, is emptied by deliveries, and goes on.
        await Eventually.IsTrueAsync(() => callers.Answered[^1].Degradations.Contains(Degradation.Unrecorded));
        // Once Kafka is back, decisions need no disk.
        disk.Fill();
        _broker.Thaw();
        await UntilRecordedAsync(callers);
        await callers.StopAsync();
        await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_decision_queue_depth") == 0);

        var recorded = await RecordedDecisions.ReadAsync(_broker.BootstrapServers, topic);
        var lost = callers.Answered.Where(answer => !recorded.Contains(answer)).ToList();
        var dropped = await service.MetricAsync("fraud_decisions_dropped_total");
        await TestContext.Out.WriteLineAsync($"{callers.Answered.Count} answered, {lost.Count} of them UNRECORDED, {dropped} counted");
        Assert.That(lost, Is.Not.Empty);
        Assert.That(lost.Select(answer => answer.Degradations), Is.All.Contains(Degradation.Unrecorded));
        // An answer may have missed its caller's deadline.
        Assert.That(dropped, Is.InRange(lost.Count, lost.Count + 50));
        recorded.AssertOrder();
    }

    private static Task UntilRecordedAsync(PaymentCallers callers) =>
        Eventually.IsTrueAsync(() => !callers.Answered[^1].Degradations.Contains(Degradation.Unrecorded));
}
