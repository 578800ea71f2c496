using System.Globalization;
using Spectre.Console;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>What was measured.</summary>
/// <param name="Settings">What was asked for.</param>
/// <param name="Pairs">Times with swaps, and those without beside them.</param>
/// <param name="Versions">Versions that answered.</param>
/// <param name="ResidentMiB">Memory of the service, with all models loaded.</param>
internal sealed record SwapsResult(SwapsSettings Settings, IReadOnlyList<SwapBlockPair> Pairs, int Versions, double ResidentMiB)
{
    private const int Draws = 1000;
    private const double Tail = 99;

    private IEnumerable<SwapBlock> Steady => Pairs.Select(pair => pair.Steady);

    private IEnumerable<SwapBlock> Swapping => Pairs.Select(pair => pair.Swapping);

    /// <summary>Requests that were not answered by a model.</summary>
    public int Lost => Steady.Concat(Swapping).Sum(block => block.Lost);

    /// <summary>Processor time that a replacement costs the service beyond what it spends anyway.</summary>
    public TimeSpan ProcessorPerSwap => (Sum(Swapping, block => block.Service.Processor) - (Sum(Steady, block => block.Service.Processor)
        * (Sum(Swapping, block => block.Length) / Sum(Steady, block => block.Length)))) / Settings.Swaps;

    /// <summary>Writes a table.</summary>
    public void Show(IAnsiConsole console)
    {
        var table = new Table().AddColumns("", "steady", $"{Settings.Swaps} swaps");
        Add("answered", blocks => blocks.Sum(block => block.TimesMs.Count - block.Lost), "#,0");
        Add("lost", blocks => blocks.Sum(block => block.Lost), "#,0");
        Add("without all features", blocks => blocks.Sum(block => block.Incomplete), "#,0");
        foreach (var percentile in new[] { 50, 90, Tail, 99.9, 100 })
        {
            Add(percentile == 100 ? "max, ms" : Text($"p{percentile}, ms"), blocks => PercentileMs(blocks, percentile), "0.00");
        }
        Add("processors busy with the service",
            blocks => Sum(blocks, block => block.Service.Processor) / Sum(blocks, block => block.Length), "0.00");
        Add("stood still to collect, ms per s",
            blocks => 1000 * (Sum(blocks, block => block.Service.Paused) / Sum(blocks, block => block.Length)), "0.0");
        Add("allocated, MiB per s",
            blocks => blocks.Sum(block => block.Service.Allocated) / 1048576 / Sum(blocks, block => block.Length).TotalSeconds, "0.0");
        console.Write(table);
        var (low, high) = RatioWithin();
        console.WriteLine(Text(
            $"p99 with swaps / without: {Ratio(Pairs):0.00}; of {Pairs.Count} pairs of times drawn anew {Draws:#,0} times, ")
            + Text($"nine in ten are {low:0.00} to {high:0.00}."));
        console.WriteLine(Text(
            $"{Settings.Models + 1} models, {ResidentMiB:0} MiB in the service; {Versions} versions answered; ")
            + Text($"a swap costs {ProcessorPerSwap.TotalMilliseconds:0} ms of a processor."));

        void Add(string name, Func<IEnumerable<SwapBlock>, double> value, string format) => table.AddRow(
            name, value(Steady).ToString(format, CultureInfo.InvariantCulture), value(Swapping).ToString(
                format, CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// How far the ratio goes when chance picks other times: pairs are drawn with replacement, each with all of its requests.
    /// </summary>
    private (double Low, double High) RatioWithin()
    {
        var random = new Random(7);
        var ratios = Enumerable.Range(0, Draws).Select(_ => Ratio([.. Pairs.Select(_ => Pairs[random.Next(Pairs.Count)])])).Order()
            .ToList();
        return (ratios[Draws / 20], ratios[Draws - 1 - (Draws / 20)]);
    }

    private static double Ratio(IReadOnlyList<SwapBlockPair> pairs) =>
        PercentileMs(pairs.Select(pair => pair.Swapping), Tail) / PercentileMs(pairs.Select(pair => pair.Steady), Tail);

    /// <summary>The time that so many percent of the requests are within.</summary>
    private static double PercentileMs(IEnumerable<SwapBlock> blocks, double percentile)
    {
        var times = blocks.SelectMany(block => block.TimesMs).ToArray();
        Array.Sort(times);
        return times[Math.Max(0, (int)Math.Ceiling(percentile / 100 * times.Length) - 1)];
    }

    private static TimeSpan Sum(IEnumerable<SwapBlock> blocks, Func<SwapBlock, TimeSpan> of) => new(blocks.Sum(block => of(block).Ticks));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
