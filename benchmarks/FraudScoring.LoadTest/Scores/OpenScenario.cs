using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// An open loop at a moderate rate while events and labels arrive: the latency that callers of a service see that is not overloaded.
/// </summary>
internal sealed class OpenScenario(ScoreSettings settings, ProgressContext progress, CancellationToken cancellationToken)
{
    private const string Name = "open";
    private const double ShareOfPeak = 0.3, LabelShare = 0.01;
    private static readonly TimeSpan PeakLength = TimeSpan.FromSeconds(5);

    public async Task<ScenarioResult> MeasureAsync()
    {
        await using var service = await ScoredService.StartAsync(settings.Load, processors: null, progress, cancellationToken);
        using var caller = service.Caller(LoadMeter.Deadline);
        var meter = new LoadMeter(service, Name, cancellationToken);
        var bar = progress.AddTask("Open loop", maxValue: 3);
        await meter.WarmUpAsync(caller, settings.Callers, settings.Load.WarmUp);
        bar.Increment(1);
        var rate = settings.Rate > 0 ? settings.Rate : ShareOfPeak * (await meter.PeakAsync(caller, PeakLength)).GoodPerSecond;
        bar.Increment(1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = new EventLoad(service, settings.EventRate ?? rate, settings.LabelRate ?? rate * LabelShare).RunAsync(ending.Token);
        var measured = await meter.ServiceAsync(
            FormattableString.Invariant($"{rate:0} payments/s"), caller,
            load => load.OpenAsync([new Phase(rate, settings.Seconds)], seed: 1, cancellationToken));
        await ending.CancelAsync();
        var (written, labelled) = await events;
        bar.Increment(1);
        var result = new ScenarioResult(Name, MeasurementFile.Csv(meter.Measurements))
            .With($"{settings.Seconds} s, Poisson arrivals; meanwhile {written:#,0} events and {labelled:#,0} labels were written.");
        foreach (var table in MeasurementTables.Of(meter.Measurements))
        {
            result.With(table);
        }
        return result.WithChart("latency", ScoreCharts.Latency([measured]));
    }
}
