using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// Finds the peak in a closed loop, and then offers more than that in open loops: what is refused must leave room for the others, and
/// must stop as soon as the load does.
/// </summary>
/// <param name="settings">Settings of the run.</param>
/// <param name="processors">Processors of the servers, as taskset takes them; null for all.</param>
/// <param name="progress">Shows how far it is.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class OverloadScenario(
    ScoreSettings settings, string? processors, ProgressContext progress, CancellationToken cancellationToken)
{
    /// <summary>Name of the scenario.</summary>
    public const string Name = "overload";

    private const double Moderate = 0.7, AtPeak = 1, Highest = 3;
    private const double DropSeconds = 10, AfterSeconds = 20;
    private const int StormRetries = 3;

    private static readonly double[] Multiples = [Moderate, AtPeak, 1.5, 2, Highest];
    private static readonly TimeSpan PeakLength = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromSeconds(2);

    private int _seed;

    public async Task<ScenarioResult> MeasureAsync()
    {
        await using var service = await ScoredService.StartAsync(settings.Load, processors, progress, cancellationToken);
        var meter = new LoadMeter(service, Name, cancellationToken);
        var bar = progress.AddTask("Peak and overload", maxValue: Multiples.Length + 4);
        using var caller = service.Caller(LoadMeter.Deadline);
        await meter.WarmUpAsync(caller, settings.Callers, settings.Load.WarmUp);
        bar.Increment(1);
        var peak = (await meter.PeakAsync(caller, PeakLength)).GoodPerSecond;
        bar.Increment(1);
        var loads = new List<Measurement>();
        foreach (var multiple in Multiples)
        {
            var name = FormattableString.Invariant($"{multiple} × peak");
            loads.Add(await OpenAsync(meter, caller, name, new Phase(multiple * peak, settings.OverloadSeconds)));
            bar.Increment(1);
        }
        var step = await OpenAsync(
            meter, caller, "2 × peak, then 0.7 ×", new Phase(2 * peak, DropSeconds), new Phase(Moderate * peak, DropSeconds));
        bar.Increment(1);
        await Task.Delay(Pause, cancellationToken);
        var storm = await meter.ServiceAsync(
            "2 × peak with retries, then 0.8 ×",
            new LoadGenerator(caller, meter.Requests(), LoadMeter.Deadline) { Retries = StormRetries },
            load => load.OpenAsync([new Phase(2 * peak, DropSeconds), new Phase(0.8 * peak, AfterSeconds)], _seed, cancellationToken));
        bar.Increment(1);
        var delayed = settings.RedisDelayMs == 0 ? null : await DelayedAsync(service, meter, peak);
        return Report(meter.Measurements, peak, loads, step, storm, delayed);
    }

    private async Task<Measurement> OpenAsync(LoadMeter meter, ICaller caller, string name, params Phase[] phases)
    {
        await Task.Delay(Pause, cancellationToken);
        _seed++;
        return await meter.ServiceAsync(name, caller, load => load.OpenAsync(phases, _seed, cancellationToken));
    }

    /// <summary>A Redis that answers late makes payments slow but not expensive: none may be refused.</summary>
    private async Task<Measurement> DelayedAsync(ScoredService service, LoadMeter meter, double peak)
    {
        using var proxy = await Toxiproxy.StartAsync(service.Servers.Folder, service.Servers.Redis, settings.RedisDelayMs);
        await service.RestartAsync(new Dictionary<string, string> { ["Redis:Configuration"] = proxy.Address });
        using var caller = service.Caller(LoadMeter.Deadline);
        await meter.WarmUpAsync(caller, settings.Callers, settings.Load.WarmUp);
        return await OpenAsync(
            meter, caller, FormattableString.Invariant($"{Moderate} × peak, Redis {settings.RedisDelayMs} ms later"),
            new Phase(Moderate * peak, settings.OverloadSeconds));
    }

    private ScenarioResult Report(
        List<Measurement> all, double peak, List<Measurement> loads, Measurement step, Measurement storm, Measurement? delayed)
    {
        var result = new ScenarioResult(Name, MeasurementFile.Csv(all))
            .With(
                $"{(settings.Load.HasOwnServers ? "Servers" : "Service")} and client",
                $"{(processors is null ? "share the processors" : "have a processor each")}.",
                $"Peak in a closed loop: {peak:#,0} payments/s. Then open loops of {settings.OverloadSeconds} s with Poisson arrivals.");
        Measurement[] open = [.. loads, step, storm, .. delayed is null ? [] : new[] { delayed }];
        foreach (var table in MeasurementTables.Of(open))
        {
            result.With(table);
        }
        var after = Recovery.After(step.Tally.Slots, DropSeconds + 1).ToList();
        result.With(RefusalCost(loads)).With(
            $"Step from 2 × to 0.7 × the peak: of {after.Sum(slot => slot.Offered):#,0} payments due more than 1 s later,",
            $"{after.Sum(slot => slot.Refused)} were refused and {after.Sum(slot => slot.Offered - slot.Good)} not scored in time.");
        result.With(
            $"Retry storm: {storm.Tally.Attempts:#,0} calls for {storm.Tally.Offered:#,0} payments; 95 % were scored in time again",
            $"{Recovery.Seconds(storm.Tally.Slots, DropSeconds):0.0} s after the drop.");
        if (delayed is not null)
        {
            result.With($"Redis {settings.RedisDelayMs} ms later: {delayed.Tally.RefusedTotal} payments refused.");
        }
        return result.WithChart("goodput", ScoreCharts.Goodput(loads)).WithChart("latency", ScoreCharts.Latency(loads));
    }

    /// <summary>
    /// What a refusal costs: the service's time at the highest load, less that of its good payments at the price they have at the peak,
    /// by the number of the other calls.
    /// </summary>
    private static FormattableString[] RefusalCost(List<Measurement> loads)
    {
        var (peak, highest) = (loads[Array.IndexOf(Multiples, AtPeak)], loads[Array.IndexOf(Multiples, Highest)]);
        var price = peak.MicrosPerPayment(time => time.Service);
        var used = highest.Processors.Service?.TotalMicroseconds ?? double.NaN;
        var others = highest.Tally.Offered - highest.Tally.Good;
        var cost = (used - (price * highest.Tally.Good)) / others;
        return
        [
            $"CPU of the service per payment that is not scored at {Highest} × the peak: {cost:0} µs, estimated as",
            $"(its time − {price:0} µs × scored) / not scored.",
        ];
    }
}
