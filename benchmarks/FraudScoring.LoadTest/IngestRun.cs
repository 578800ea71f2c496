using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.TestKit.Services;
using FraudScoring.V1;
using Google.Protobuf;
using Spectre.Console;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.LoadTest;

/// <summary>Settings of a run.</summary>
/// <param name="Redis">Address of Redis.</param>
/// <param name="Kafka">Address of Kafka.</param>
/// <param name="Events">Events in the log when the service starts.</param>
/// <param name="Rate">Events per second after catching up.</param>
/// <param name="WarmUp">Seconds at that rate before measuring, while the runtime still recompiles hot code.</param>
/// <param name="Seconds">Seconds to measure at that rate.</param>
/// <param name="Partitions">Partitions of the topic.</param>
internal sealed record IngestSettings(string Redis, string Kafka, int Events, int Rate, int WarmUp, int Seconds, int Partitions);

/// <summary>
/// Fills a new topic, starts the service in a separate process and waits until all events are applied. Then sends events at a fixed rate,
/// independent of the service (open loop), and reads from the service's metrics how long each event took to become visible.
/// </summary>
internal sealed class IngestRun(IngestSettings settings) : IAsyncDisposable
{
    // A look at the metrics costs the service some milliseconds of a processor, so looking often would slow down what is measured.
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(500);
    private readonly string _prefix = $"loadtest-{Guid.NewGuid():N}"[..20];
    private readonly string _temporary = Directory.CreateTempSubdirectory("loadtest-").FullName;
    private ServiceProcess? _service;

    private string Topic => $"{_prefix}.transactions";

    /// <summary>Measures, then removes the keys and topics of the run.</summary>
    public static async Task<IngestResult> MeasureAsync(IngestSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
    {
        await using var run = new IngestRun(settings);
        return await console.Progress().Columns(
            new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress => run.MeasureAsync(progress, cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
        Directory.Delete(_temporary, recursive: true);
        await Leftovers.DeleteTopicsAsync(settings.Kafka, Topic);
        await Leftovers.DeleteKeysAsync(settings.Redis, _prefix);
    }

    private async Task<IngestResult> MeasureAsync(ProgressContext progress, CancellationToken cancellationToken)
    {
        var (warm, live) = (settings.Rate * settings.WarmUp, settings.Rate * settings.Seconds);
        var fill = progress.AddTask("Filling the log", maxValue: settings.Events);
        var catchUp = progress.AddTask("Catching up", maxValue: settings.Events);
        var warmUp = progress.AddTask("Warming up", maxValue: Math.Max(1, warm));
        var level = progress.AddTask("Level with the log", maxValue: live);
        using (var admin = Admin())
        {
            await admin.CreateTopicsAsync(
                [new TopicSpecification { Name = Topic, NumPartitions = settings.Partitions, ReplicationFactor = 1 }]);
        }
        using var payments = Payments(settings.Events + warm + live).GetEnumerator();
        using var producer = new RecordProducer(settings.Kafka);
        for (var sent = 0; sent < settings.Events && payments.MoveNext(); sent++)
        {
            producer.Produce(Topic, Record(payments.Current));
            fill.Increment(1);
        }
        producer.Flush(cancellationToken);
        // Created before sending: the simulator creates a whole day at a time, which would turn the load into bursts.
        var (warmRecords, liveRecords) = (Take(payments, warm), Take(payments, live));

        _service = await ServiceProcess.StartNewAsync(_prefix, Options(), new Dictionary<string, string> { ["TMPDIR"] = _temporary });
        var rate = await CatchUpAsync(catchUp, cancellationToken);
        await SendAsync(producer, warmRecords, warmUp, cancellationToken);
        await AppliedAsync(settings.Events + warm, cancellationToken);
        var before = await VisibleAsync(cancellationToken);
        using var ping = BarePing.Start(settings.Redis);
        await SendAsync(producer, liveRecords, level, cancellationToken);
        await AppliedAsync(settings.Events + warm + live, cancellationToken);
        var visible = VisibleTimes.Between(before, await VisibleAsync(cancellationToken));
        return new IngestResult(settings, rate, visible, ping.End(IngestResult.Shares));
    }

    private async Task<double> CatchUpAsync(ProgressTask task, CancellationToken cancellationToken)
    {
        // The clock starts with the first batch, because forming the consumer group is not part of ingest. It ends with the last look that
        // found events left, because the time of the last event is not known.
        var first = await AppliedAsync(1, cancellationToken);
        var (start, rate) = (Stopwatch.GetTimestamp(), 0.0);
        for (var applied = first; applied < settings.Events; applied = await AppliedAsync(applied + 1, cancellationToken))
        {
            task.Value = applied;
            rate = applied > first ? (applied - first) / Stopwatch.GetElapsedTime(start).TotalSeconds : rate;
        }
        task.Value = settings.Events;
        return rate > 0 ? rate : (settings.Events - first) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Open loop: event i is sent at i / rate, however far the service has got.</summary>
    private async Task SendAsync(
        RecordProducer producer, List<Message<byte[], byte[]>> records, ProgressTask task, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < records.Count;)
        {
            var due = Math.Min(records.Count, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * settings.Rate));
            for (; sent < due; sent++)
            {
                producer.Produce(Topic, records[sent]);
            }
            task.Value = sent;
            await Task.Delay(1, cancellationToken);
        }
        producer.Flush(cancellationToken);
    }

    /// <summary>Waits until this many events are applied, and returns how many are.</summary>
    private async Task<double> AppliedAsync(double count, CancellationToken cancellationToken)
    {
        while (true)
        {
            var applied = (await VisibleAsync(cancellationToken)).Events;
            if (applied >= count)
            {
                return applied;
            }
            await Task.Delay(LookPause, cancellationToken);
        }
    }

    private async Task<VisibleTimes> VisibleAsync(CancellationToken cancellationToken) =>
        VisibleTimes.Parse(await _service!.MetricsAsync(cancellationToken), Topic);

    private Dictionary<string, string> Options() => new()
    {
        ["Redis:Configuration"] = settings.Redis, ["Redis:EntityHashSecret"] = "load tests need no secret", ["Redis:KeyPrefix"] = _prefix,
        ["Kafka:BootstrapServers"] = settings.Kafka, ["Kafka:GroupId"] = _prefix, ["Kafka:TransactionsTopic"] = Topic,
        ["Kafka:LabelsTopic"] = $"{_prefix}.labels", ["Kafka:DecisionsTopic"] = $"{_prefix}.decisions",
        ["Logging:LogLevel:Default"] = "Error",
    };

    private static List<Message<byte[], byte[]>> Take(IEnumerator<Payment> payments, int count)
    {
        var records = new List<Message<byte[], byte[]>>(count);
        while (records.Count < count && payments.MoveNext())
        {
            records.Add(Record(payments.Current));
        }
        return records;
    }

    private static Message<byte[], byte[]> Record(Payment payment) => new()
    {
        Key = Encoding.UTF8.GetBytes(payment.Card),
        Value = new TransactionEvent { Payment = EventWriter.ToProto(payment) }.ToByteArray(),
    };

    /// <summary>Payments of so many customers that a batch seldom contains a card twice, as in a real stream.</summary>
    private static IEnumerable<Payment> Payments(int count)
    {
        var options = new SimulationOptions { Customers = 50_000, Terminals = 10_000, Radius = 3, Days = 90, Seed = 5 };
        return PaymentSimulator.Run(options).Where(one => one.Payment is not null).Select(one => one.Payment!).Take(count);
    }

    private IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = settings.Kafka }).Build();
}
