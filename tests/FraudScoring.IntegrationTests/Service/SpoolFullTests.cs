using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Text;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Commands;
using FraudScoring.Server.Kafka;
using FraudScoring.V1;
using Grpc.Core;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>What callers, readiness and metrics say while Kafka is frozen and the spool is full, for each Spool:WhenFull.</summary>
public sealed class SpoolFullTests
{
    private readonly ConcurrentBag<Assessment> _answered = [];
    private readonly ConcurrentBag<Status> _refused = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
    private KafkaBroker _broker = null!;
    private string _topic = "";
    private int _sent;

    [SetUp]
    public async Task Start()
    {
        _broker = await Servers.FailingKafkaAsync();
        _answered.Clear();
        _refused.Clear();
        _topic = $"full-{TestContext.CurrentContext.Test.Name.ToLowerInvariant()}";
        await _broker.CreateTopicAsync(_topic, 4);
    }

    [TearDown]
    public void Thaw() => _broker.Thaw();

    [OneTimeTearDown]
    public void Delete() => _folder.Delete(recursive: true);

    [Test]
    public async Task Refuse()
    {
        await using var service = await StartServiceAsync();
        var repeated = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("full-repeated") };
        var answer = await service.Scoring.ScoreAsync(repeated);
        await FillAsync(service, () => !_refused.IsEmpty);
        Assert.That(_refused.Select(status => status.StatusCode), Is.All.EqualTo(StatusCode.Unavailable));
        Assert.That(_refused.Select(status => status.Detail), Is.All.EqualTo(
            "The decision was not recorded in time: the spool of this instance is full, its disk fails or is slow, or its queue is full, "
            + "and Spool:WhenFull is Refuse. Retry on another instance."));
        var replay = await service.Scoring.ScoreAsync(repeated);
        Assert.That((replay.Replayed, replay.Assessment), Is.EqualTo((true, answer.Assessment)), "it needs no record");
        var (isReady, body) = await service.ReadinessAsync();
        Assert.That(isReady, Is.False);
        Assert.That(body, Does.StartWith(
            """{"status":"not_ready","reasons":[{"code":"spool_full","text":"The spool takes no decisions, and Spool:WhenFull is Refuse;"""));
        // The gauge is set a tenth of a second later.
        await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_spool_full") == 1);

        _broker.Thaw();
        await Eventually.IsTrueAsync(async () => (await service.ReadinessAsync()).IsReady);
        await AskAsync(service, 1);
        Assert.That(await MissingAsync(service), Is.Empty);
        Assert.That(_answered.SelectMany(answer => answer.Degradations), Has.None.EqualTo(Degradation.Unrecorded));
    }

    [Test]
    public async Task ScoreWithoutRecord()
    {
        await using var service = await StartServiceAsync();
        await FillAsync(service, () => _answered.Any(IsUnrecorded));
        var (isReady, body) = await service.ReadinessAsync();
        Assert.That(isReady, Is.True);
        Assert.That(body, Does.Contain("""{"code":"spool_full","text":"The spool takes no decisions; """));
        await SalvageAsync();
        var dropped = PrometheusText.Value(await service.MetricsAsync(), """fraud_decisions_dropped_total{reason="spool_full"}""");
        Assert.That(dropped, Is.EqualTo(_answered.Count(IsUnrecorded)));

        _broker.Thaw();
        await Eventually.IsTrueAsync(async () => !(await service.ReadinessAsync()).Body.Contains("spool_full", StringComparison.Ordinal));
        var unrecorded = _answered.Count(IsUnrecorded);
        await AskAsync(service, 10);
        Assert.That(_answered.Count(IsUnrecorded), Is.EqualTo(unrecorded));
        Assert.That(await MissingAsync(service), Is.EquivalentTo(_answered.Where(IsUnrecorded).Select(answer => answer.DecisionId)));
        Assert.That(_refused, Is.Empty);
    }

    [Test]
    public async Task DropOldest()
    {
        const string droppedOldest = """fraud_decisions_dropped_total{reason="dropped_oldest"}""";
        await using var service = await StartServiceAsync();
        await FillAsync(service, async () => PrometheusText.Value(await service.MetricsAsync(), droppedOldest) > 0);
        await AskAsync(service, 200);
        Assert.That((await service.ReadinessAsync()).IsReady, Is.True);
        Assert.That(_answered.SelectMany(answer => answer.Degradations), Has.None.EqualTo(Degradation.Unrecorded));
        Assert.That(_refused, Is.Empty);
        _broker.Thaw();
        var missing = await MissingAsync(service);
        Assert.That(PrometheusText.Value(await service.MetricsAsync(), droppedOldest), Is.EqualTo(missing.Count));
        Assert.That(service.Log, Does.Contain("its oldest records were deleted (Spool:WhenFull is DropOldest)"));
    }

    private static bool IsUnrecorded(Assessment answer) => answer.Degradations.Contains(Degradation.Unrecorded);

    private Task<ServiceProcess> StartServiceAsync() => ServiceProcess.StartNewAsync("full", new Dictionary<string, string>
    {
        ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
        ["Kafka:GroupId"] = _topic,
        ["Kafka:DecisionsTopic"] = _topic,
        ["Spool:Folder"] = _folder.FullName,
        ["Spool:MaxSizeMiB"] = "1",
        ["Spool:OutageAfterMs"] = "50",
        ["Spool:WhenFull"] = TestContext.CurrentContext.Test.Name,
        // Records in memory are sent even if the spool drops them.
        ["Kafka:ClientQueueCapacity"] = "100",
        ["Inference:Device"] = "Cpu",
    }, output: TestContext.Out);

    private Task FillAsync(ServiceProcess service, Func<bool> isEnough) => FillAsync(service, () => Task.FromResult(isEnough()));

    /// <summary>Freezes the broker, and scores payments until the spool is full.</summary>
    private async Task FillAsync(ServiceProcess service, Func<Task<bool>> isEnough)
    {
        await AskAsync(service, 50);
        _broker.Freeze();
        for (var asked = 0; asked < 10_000 && !await isEnough(); asked += 100)
        {
            await AskAsync(service, 100);
        }
        Assert.That(await isEnough(), Is.True, "10,000 decisions did not fill 1 MiB");
    }

    private Task AskAsync(ServiceProcess service, int count) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            var number = Interlocked.Increment(ref _sent);
            var payment = ServiceUnderTest.NewPayment(
                string.Create(CultureInfo.InvariantCulture, $"full-{number}"),
                string.Create(CultureInfo.InvariantCulture, $"card-{number % 100}"));
            try
            {
                var request = new ScoreRequest { Payment = payment };
                _answered.Add((await service.Scoring.ScoreAsync(request, cancellationToken: cancellationToken)).Assessment);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
            {
                // Time that runs out on a busy machine is not what these tests are about.
            }
            catch (RpcException e)
            {
                _refused.Add(e.Status);
            }
        });

    /// <summary>The answered decisions that are not in the topic when everything is delivered.</summary>
    private async Task<List<string>> MissingAsync(ServiceProcess service)
    {
        await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_decision_queue_depth") == 0);
        var records = await TopicReader.ReadAsync(_broker.BootstrapServers, _topic);
        var kept = records.Select(record => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(DecisionProducer.IdHeader)))
            .ToHashSet();
        return [.. _answered.Select(answer => answer.DecisionId).Where(id => !kept.Contains(id))];
    }

    /// <summary>The command works on the file of the running service, and says that it is in use.</summary>
    private async Task SalvageAsync()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var path = Path.Combine(_folder.FullName, $"{_topic}.db");
        var exitCode = await ServerCommand.Create().Parse(["spool", "salvage", path])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        Assert.That(exitCode, Is.Zero);
        Assert.That(error.ToString(), Does.StartWith($"A process uses {path}: ").And.Match("Read [1-9][0-9]{2} intact records; 0 between"));
        Assert.That(output.ToString().Split('\n'), Has.Length.GreaterThan(500));
    }
}
