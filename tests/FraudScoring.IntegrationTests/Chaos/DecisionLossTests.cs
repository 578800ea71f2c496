using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Chaos;

/// <summary>
/// A service that is killed (SIGKILL) under load, while Kafka is paused and while it is not, loses no more of its answered decisions than
/// Spool:Mode allows, counts what it lost, and keeps the order of each card.
/// </summary>
public sealed class DecisionLossTests
{
    private const int OutageAfterMs = 500;

    private KafkaBroker _broker = null!;

    [SetUp]
    public async Task Start() => _broker = await Servers.FailingKafkaAsync();

    [TearDown]
    public void Thaw() => _broker.Thaw();

    [TestCase("Acknowledge")]
    [TestCase("Always")]
    [TestCase("OnOutage")]
    public async Task Kill_UnderLoadWithKafkaPaused_LosesNoMoreThanTheModeAllows(string mode)
    {
        var topic = $"decisions-{mode}";
        await _broker.CreateTopicAsync(topic, 4);
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        await using var service = await ServiceProcess.StartNewAsync(
            "chaos", Settings(topic, folder.FullName, mode), null, TestContext.Out);
        var counted = 0.0;
        IReadOnlyList<Assessment> answered;
        await using (var callers = new PaymentCallers(service.Scoring, ChaosLength.PaymentsPerSecond))
        {
            await callers.UntilMoreAsync(ChaosLength.PaymentsPerSecond / 2);
            for (var kill = 0; kill < ChaosLength.Kills; kill++)
            {
                await callers.UntilMoreAsync(50 + (37 * kill));
                await service.KillAsync();
                counted += await RestartAsync(service);
                await callers.UntilMoreAsync(100);
                _broker.Freeze();
                await Task.Delay(ChaosLength.Pause / ChaosLength.Kills);
                await service.KillAsync();
                counted += await RestartAsync(service);
                await callers.UntilMoreAsync(100);
                _broker.Thaw();
            }
            answered = callers.Answered;
        }
        await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_decision_queue_depth") == 0);
        await service.KillAsync();
        Assert.That(Directory.GetFiles(folder.FullName, "*.corrupt*"), Is.Empty);
        folder.Delete(recursive: true);

        var recorded = await RecordedDecisions.ReadAsync(_broker.BootstrapServers, topic);
        // Without room for it in its time budget, an answer says that its record may not be kept.
        var lost = answered.Count(answer => !recorded.Contains(answer) && !answer.Degradations.Contains(Degradation.Unrecorded));
        await TestContext.Out.WriteLineAsync(
            $"{mode}: {answered.Count} answered, {lost} lost, {counted} counted as lost, {recorded.Records - recorded.Count} repeated");
        Assert.That(lost, Is.LessThanOrEqualTo(MostLost(mode)));
        // A kill can fall between the acceptance of a decision and its answer, and between its delivery and the count of it.
        Assert.That(counted, mode == "Acknowledge" ? Is.Zero : Is.GreaterThanOrEqualTo(lost));
        recorded.AssertOrder();
    }

    private static double MostLost(string mode) => 2 * ChaosLength.Kills * mode switch
    {
        "Acknowledge" => 0,
        // What arrives during the batch of 5 ms and one commit, which a busy disk may take some time for.
        "Always" => ChaosLength.PaymentsPerSecond * 0.3,
        // What is in flight: until Kafka counts as away, and one turn.
        _ => ChaosLength.PaymentsPerSecond * ((OutageAfterMs / 1000.0) + 0.1),
    };

    /// <summary>Starts the service again, and returns what it counts as lost in the crash.</summary>
    private static async Task<double> RestartAsync(ServiceProcess service)
    {
        await service.StartAsync();
        return PrometheusText.Value(await service.MetricsAsync(), "fraud_decisions_dropped_total{reason=\"crash\"}");
    }

    private Dictionary<string, string> Settings(string topic, string folder, string mode) => new()
    {
        ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
        ["Kafka:DecisionsTopic"] = topic,
        ["Spool:Folder"] = folder,
        ["Spool:Mode"] = mode,
        ["Spool:OutageAfterMs"] = $"{OutageAfterMs}",
        ["Inference:Device"] = "Cpu",
    };
}
