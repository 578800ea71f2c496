using System.Globalization;
using Spectre.Console;

namespace FraudScoring.LoadTest.Spools;

/// <summary>Result of a spool run.</summary>
/// <param name="Settings">Settings of the run.</param>
/// <param name="ProcessorMicros">By mode: processor time of the service per payment, in µs, one value per round.</param>
/// <param name="Drained">Decisions of the backlog that were delivered while it was watched.</param>
/// <param name="DrainTime">How long that took.</param>
/// <param name="LiveMs">Latency in milliseconds of the payments that were scored meanwhile, ascending.</param>
/// <param name="QuietMs">The same after the backlog was delivered.</param>
internal sealed record SpoolResult(
    SpoolSettings Settings, IReadOnlyDictionary<string, List<double>> ProcessorMicros, long Drained, TimeSpan DrainTime,
    IReadOnlyList<double> LiveMs, IReadOnlyList<double> QuietMs)
{
    private const int Draws = 10_000;

    public void Show(IAnsiConsole console)
    {
        var modes = new Table().AddColumns("Spool:Mode", "CPU of the service per payment, median, µs", "rounds, µs");
        foreach (var (mode, micros) in ProcessorMicros)
        {
            modes.AddRow(mode, Text($"{Median(micros):0.0}"), string.Join(", ", micros.Select(value => Text($"{value:0}"))));
        }
        console.Write(modes);
        ShowRatio(console, "OnOutage", "Off");
        ShowRatio(console, "Always", "Off");
        ShowRatio(console, "Always", "OnOutage");
        console.WriteLine(Text($"Backlog: {Drained:#,0} decisions drained in {DrainTime.TotalSeconds:0.0} s = ")
            + Text($"{Drained / DrainTime.TotalSeconds:#,0}/s, while {LiveMs.Count:#,0} payments were scored ({Settings.Rate}/s)."));
        console.WriteLine(Text($"Latency of those: p50 {At(LiveMs, 0.5):0.00}, p99 {At(LiveMs, 0.99):0.00} ms; afterwards p50 ")
            + Text($"{At(QuietMs, 0.5):0.00}, p99 {At(QuietMs, 0.99):0.00} ms."));
    }

    private void ShowRatio(IAnsiConsole console, string mode, string other)
    {
        var ratios = ProcessorMicros[mode].Zip(ProcessorMicros[other], (one, two) => one / two).ToList();
        var random = new Random(7);
        var medians = Enumerable.Range(0, Draws)
            .Select(_ => Median([.. ratios.Select(_ => ratios[random.Next(ratios.Count)])])).Order().ToList();
        console.WriteLine(Text($"CPU per payment, {mode} / {other}: median of {ratios.Count} pairs {Median(ratios):0.000}; 95 % interval ")
            + Text($"{medians[Draws / 40]:0.000} to {medians[Draws - 1 - (Draws / 40)]:0.000} (bootstrap of the pairs)."));
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static double At(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : sorted[(int)(share * (sorted.Count - 1))];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
