using FraudScoring.LoadTest.Swaps;
using FraudScoring.TestKit.Services;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// An open loop at a moderate rate while something happens every two seconds that could hold payments up: how long the slowest payments
/// take then, compared with a loop in which nothing happens.
/// </summary>
internal sealed class TailScenario(ScoreSettings settings, ProgressContext progress, CancellationToken cancellationToken)
{
    private const string Name = "tail";
    private const double DefaultRate = 500;
    private const int Batch = 2000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2), Stall = TimeSpan.FromMilliseconds(200);

    private long _nextEvent;
    private int _version = 1;

    public async Task<ScenarioResult> MeasureAsync()
    {
        var rate = settings.Rate > 0 ? settings.Rate : DefaultRate;
        using var folder = new SwapFolder(1 + (int)(settings.TailSeconds / Period.TotalSeconds), others: 0);
        await using var service = await ScoredService.StartAsync(settings.Load, processors: null, progress, cancellationToken);
        await service.RestartAsync(new Dictionary<string, string>
        {
            ["Scoring:ModelsFolder"] = folder.Path, ["Models:PollSeconds"] = "1",
        });
        using var caller = service.Caller(LoadMeter.Deadline);
        using var producer = new RecordProducer(service.Servers.Kafka);
        (string, Func<Task>?)[] disturbances =
        [
            ("nothing", null),
            ("full garbage collection", () => FullCollection.RequestAsync(service.Process.Id, cancellationToken)),
            ("another model version", () => SwapAsync(folder)),
            .. service.Servers.StartedRedis is { } redis
                ? [(FormattableString.Invariant($"Redis stands still for {Stall.TotalMilliseconds} ms"), () => FreezeAsync(redis))]
                : Array.Empty<(string, Func<Task>?)>(),
            // Last: it writes events of payments that are scored only after it.
            (FormattableString.Invariant($"batch of {Batch} events"), () => SendAsync(service, producer)),
        ];
        var meter = new LoadMeter(service, Name, cancellationToken);
        var bar = progress.AddTask("Disturbances", maxValue: 1 + disturbances.Length);
        await meter.WarmUpAsync(caller, settings.Callers, settings.Load.WarmUp);
        bar.Increment(1);
        foreach (var (name, disturb) in disturbances)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var disturbing = RepeatAsync(disturb, ending.Token);
            try
            {
                await meter.ServiceAsync(
                    name, caller, load => load.OpenAsync([new Phase(rate, settings.TailSeconds)], seed: 1, cancellationToken));
            }
            finally
            {
                await ending.CancelAsync();
                await disturbing;
            }
            bar.Increment(1);
        }
        var result = new ScenarioResult(Name, MeasurementFile.Csv(meter.Measurements))
            .With($"{rate:0} payments per second for {settings.TailSeconds} s, Poisson arrivals, and every {Period.TotalSeconds} s:");
        foreach (var table in MeasurementTables.Of(meter.Measurements))
        {
            result.With(table);
        }
        return result.WithChart("latency", ScoreCharts.Latency(meter.Measurements));
    }

    private static async Task RepeatAsync(Func<Task>? disturb, CancellationToken until)
    {
        using var pause = new PeriodicTimer(Period);
        try
        {
            while (disturb is not null && await pause.WaitForNextTickAsync(until))
            {
                await disturb();
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The load has ended.
        }
    }

    private Task SwapAsync(SwapFolder folder)
    {
        folder.Register(++_version);
        return Task.CompletedTask;
    }

    private Task SendAsync(ScoredService service, RecordProducer producer)
    {
        // Of payments that are scored later on, so that no event repeats another one.
        _nextEvent = Math.Max(_nextEvent, service.Traffic.NextNumber);
        for (var end = _nextEvent + Batch; _nextEvent < end; _nextEvent++)
        {
            producer.Produce(service.TransactionsTopic, service.Traffic.Event(_nextEvent));
        }
        return Task.CompletedTask;
    }

    private static async Task FreezeAsync(ServerProcess redis)
    {
        redis.Freeze();
        // Not cancelled: Redis would stay frozen.
        await Task.Delay(Stall, CancellationToken.None);
        redis.Thaw();
    }
}
