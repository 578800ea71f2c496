using System.Globalization;
using FraudScoring.LoadTest.Scores;
using Spectre.Console;

namespace FraudScoring.LoadTest.Spools;

/// <summary>Result of a spool run.</summary>
/// <param name="Settings">Settings of the run.</param>
/// <param name="ProcessorMicros">By mode: processor time of the service per payment, in µs, one value per round.</param>
/// <param name="Drained">Decisions of the backlog that were delivered while it was watched.</param>
/// <param name="DrainTime">How long that took.</param>
/// <param name="Live">The payments that were scored meanwhile.</param>
/// <param name="Quiet">Those after the backlog was delivered.</param>
internal sealed record SpoolResult(
    SpoolSettings Settings, IReadOnlyDictionary<string, List<double>> ProcessorMicros, long Drained, TimeSpan DrainTime,
    Tally Live, Tally Quiet)
{
    public void Show(IAnsiConsole console)
    {
        var modes = new Table().AddColumns("Spool:Mode", "CPU of the service per payment, median, µs", "rounds, µs");
        foreach (var (mode, micros) in ProcessorMicros)
        {
            modes.AddRow(mode, Text($"{PairedRatios.Median(micros):0.0}"), string.Join(", ", micros.Select(value => Text($"{value:0}"))));
        }
        console.Write(modes);
        ShowRatio(console, "OnOutage", "Off");
        ShowRatio(console, "Always", "Off");
        ShowRatio(console, "Always", "OnOutage");
        console.WriteLine(Text($"Backlog: {Drained:#,0} decisions drained in {DrainTime.TotalSeconds:0.0} s = ")
            + Text($"{Drained / DrainTime.TotalSeconds:#,0}/s, while {Live.Offered:#,0} payments were scored ({Settings.Rate}/s)."));
        console.WriteLine(Text($"Latency of those: p50 {Live.PercentileMs(50):0.00}, p99 {Live.PercentileMs(99):0.00} ms; afterwards p50 ")
            + Text($"{Quiet.PercentileMs(50):0.00}, p99 {Quiet.PercentileMs(99):0.00} ms."));
    }

    private void ShowRatio(IAnsiConsole console, string mode, string other)
    {
        var ratios = ProcessorMicros[mode].Zip(ProcessorMicros[other], (one, two) => one / two).ToList();
        var (low, high) = PairedRatios.Interval(ratios);
        console.WriteLine(
            Text($"CPU per payment, {mode} / {other}: median of {ratios.Count} pairs {PairedRatios.Median(ratios):0.000}; 95 % interval ")
            + Text($"{low:0.000} to {high:0.000} (bootstrap of the pairs)."));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
