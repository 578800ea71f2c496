using System.Diagnostics;
using FraudScoring.LoadTest.Scores;
using FraudScoring.Server.Spool;
using FraudScoring.TestKit.Services;
using Spectre.Console;

namespace FraudScoring.LoadTest.Spools;

/// <summary>Settings of a run.</summary>
/// <param name="Redis">Address of Redis.</param>
/// <param name="Kafka">Address of Kafka.</param>
/// <param name="Rounds">Blocks per mode.</param>
/// <param name="Seconds">Length of a block in seconds.</param>
/// <param name="Rate">Payments per second.</param>
/// <param name="WarmUp">Seconds of warming up, per service.</param>
/// <param name="Backlog">Decisions in the spool that is drained.</param>
internal sealed record SpoolSettings(string Redis, string Kafka, int Rounds, int Seconds, int Rate, int WarmUp, int Backlog);

/// <summary>
/// Starts one service per Spool:Mode, each in a process of its own, and sends payments to one after the other in short blocks, so that
/// changes in the machine's speed affect all modes equally. Then starts a service with a spool full of the decisions of before.
/// </summary>
internal sealed class SpoolRun(SpoolSettings settings, ProgressContext progress, CancellationToken cancellationToken) : IAsyncDisposable
{
    private static readonly SpoolMode[] Modes = [SpoolMode.Off, SpoolMode.OnOutage, SpoolMode.Always];
    private readonly string _prefix = $"spool-{Guid.NewGuid():N}"[..20];
    private readonly string _folder = Directory.CreateTempSubdirectory("loadtest-spool-").FullName;
    private readonly List<ServiceProcess> _services = [];
    private readonly List<SteadyLoad> _loads = [];

    private string Drained => $"{_prefix}-drained";

    /// <summary>Measures, then removes the keys and topics of the run.</summary>
    public static Task<SpoolResult> MeasureAsync(SpoolSettings settings, IAnsiConsole console, CancellationToken cancellationToken) =>
        console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                await using var run = new SpoolRun(settings, progress, cancellationToken);
                return await run.MeasureAsync();
            });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var load in _loads)
        {
            load.Dispose();
        }
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
        string[] topics = [.. Modes.Select(TopicOf), Drained];
        await Leftovers.DeleteTopicsAsync(settings.Kafka, topics);
        foreach (var topic in topics)
        {
            await Leftovers.DeleteKeysAsync(settings.Redis, topic);
        }
    }

    private async Task<SpoolResult> MeasureAsync()
    {
        var warm = progress.AddTask("Starting and warming up", maxValue: Modes.Length);
        var bar = progress.AddTask("A block per mode in turn", maxValue: settings.Rounds);
        foreach (var mode in Modes)
        {
            var service = await StartAsync(TopicOf(mode), mode);
            await AskAsync(Load(service), settings.WarmUp);
            warm.Increment(1);
        }
        var micros = Modes.ToDictionary(mode => $"{mode}", _ => new List<double>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            for (var i = 0; i < Modes.Length; i++)
            {
                // The order changes from round to round.
                var mode = (i + round) % Modes.Length;
                var before = await _services[mode].ReadAsync(cancellationToken);
                var block = await AskAsync(_loads[mode], settings.Seconds);
                var used = await _services[mode].ReadAsync(cancellationToken) - before;
                micros[$"{Modes[mode]}"].Add(used.Processor.TotalMicroseconds / block.Good);
            }
            bar.Increment(1);
        }
        return await DrainAsync(micros);
    }

    private async Task<SpoolResult> DrainAsync(Dictionary<string, List<double>> micros)
    {
        var bar = progress.AddTask("Draining a backlog", maxValue: settings.Backlog);
        var decisions = await TopicReader.ReadAsync(settings.Kafka, TopicOf(SpoolMode.Always));
        foreach (var service in _services)
        {
            await service.StopAsync();
        }
        Fill([.. decisions.Select(decision => new SpooledRecord(Drained, decision.Message.Key, decision.Message.Value, []))]);
        var draining = await StartAsync(Drained, SpoolMode.OnOutage);
        var load = Load(draining);
        using var drained = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var untilDrained = Task.Delay(Timeout.Infinite, drained.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        var live = load.AskAsync(untilDrained, cancellationToken);
        // The clock starts after the first part, when the client has its connections and the first code is compiled.
        var first = await UntilAsync(draining, left => left < settings.Backlog * 0.9);
        var start = Stopwatch.GetTimestamp();
        await UntilAsync(draining, left =>
        {
            bar.Value = settings.Backlog - left;
            return left < settings.Rate;
        });
        var time = Stopwatch.GetElapsedTime(start);
        await drained.CancelAsync();
        var during = await live;
        var quiet = await AskAsync(load, settings.Seconds * 2);
        return new SpoolResult(settings, micros, (long)first - settings.Rate, time, during, quiet);
    }

    /// <summary>Writes the spool file of a service that was stopped while Kafka was away.</summary>
    private void Fill(SpooledRecord[] records)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Drained));
        if (SpoolFile.TryOpen(Path.Combine(folder.FullName, $"{Drained}.db"), 1L << 40, out var file, out var reason) != SpoolOutcome.Done)
        {
            throw new InvalidOperationException(reason);
        }
        using (file)
        {
            foreach (var batch in Enumerable.Range(0, settings.Backlog).Select(i => records[i % records.Length]).Chunk(1000))
            {
                if (file!.Append(batch) != SpoolOutcome.Done)
                {
                    throw new InvalidOperationException(file.Reason);
                }
            }
        }
    }

    /// <summary>Waits for a number of records in the spool, and returns it.</summary>
    private async Task<double> UntilAsync(ServiceProcess service, Func<double, bool> isReached)
    {
        var left = await service.MetricAsync("fraud_spool_records");
        while (!isReached(left))
        {
            await Task.Delay(20, cancellationToken);
            left = await service.MetricAsync("fraud_spool_records");
        }
        return left;
    }

    private SteadyLoad Load(ServiceProcess service)
    {
        _loads.Add(new SteadyLoad(service, settings.Rate));
        return _loads[^1];
    }

    private Task<Tally> AskAsync(SteadyLoad load, int seconds) =>
        load.AskAsync(Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken), cancellationToken);

    private async Task<ServiceProcess> StartAsync(string topic, SpoolMode mode)
    {
        var service = await ServiceProcess.StartNewAsync(topic, new Dictionary<string, string>
        {
            ["Redis:Configuration"] = settings.Redis, ["Redis:EntityHashSecret"] = "load tests need no secret",
            ["Redis:KeyPrefix"] = topic, ["Kafka:BootstrapServers"] = settings.Kafka, ["Kafka:GroupId"] = topic,
            ["Kafka:TransactionsTopic"] = $"{_prefix}.transactions", ["Kafka:LabelsTopic"] = $"{_prefix}.labels",
            ["Kafka:DecisionsTopic"] = topic, ["Scoring:BudgetMs"] = "1000",
            ["Inference:Device"] = "Cpu", ["Logging:LogLevel:Default"] = "Error", ["Spool:Mode"] = $"{mode}",
            ["Spool:Folder"] = Path.Combine(_folder, topic),
        });
        _services.Add(service);
        return service;
    }

    private string TopicOf(SpoolMode mode) => $"{_prefix}-{mode}";
}
