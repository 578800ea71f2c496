using System.Globalization;
using FraudScoring.LoadTest.Scores;
using Spectre.Console;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>Result of a swaps run.</summary>
/// <param name="Settings">Settings of the run.</param>
/// <param name="Pairs">Pairs of blocks, with and without swaps.</param>
/// <param name="Versions">Number of versions that answered.</param>
/// <param name="ResidentMiB">Resident memory of the service with all models loaded.</param>
internal sealed record SwapsResult(SwapsSettings Settings, IReadOnlyList<SwapBlockPair> Pairs, int Versions, double ResidentMiB)
{
    private const int Draws = 1000;
    private const double Tail = 99;

    private IEnumerable<SwapBlock> Steady => Pairs.Select(pair => pair.Steady);

    private IEnumerable<SwapBlock> Swapping => Pairs.Select(pair => pair.Swapping);

    /// <summary>Number of requests that no model answered.</summary>
    public long Lost => Steady.Concat(Swapping).Sum(block => block.Lost);

    /// <summary>CPU time of one swap: what the service uses beyond its steady state.</summary>
    public TimeSpan ProcessorPerSwap => (Sum(Swapping, block => block.Service.Processor) - (Sum(Steady, block => block.Service.Processor)
        * (Sum(Swapping, block => block.Length) / Sum(Steady, block => block.Length)))) / Settings.Swaps;

    public void Show(IAnsiConsole console)
    {
        var table = new Table().AddColumns("", "steady", $"{Settings.Swaps} swaps");
        Add("answered", blocks => blocks.Sum(block => block.Load.Good), "#,0");
        Add("lost", blocks => blocks.Sum(block => block.Lost), "#,0");
        Add("without all features", blocks => blocks.Sum(block => block.Incomplete), "#,0");
        foreach (var percentile in new[] { 50, 90, Tail, 99.9, 100 })
        {
            Add(percentile == 100 ? "max, ms" : Text($"p{percentile}, ms"), blocks => PercentileMs(blocks, percentile), "0.00");
        }
        Add("processors used by the service",
            blocks => Sum(blocks, block => block.Service.Processor) / Sum(blocks, block => block.Length), "0.00");
        Add("paused for garbage collection, ms per s",
            blocks => 1000 * (Sum(blocks, block => block.Service.Paused) / Sum(blocks, block => block.Length)), "0.0");
        Add("allocated, MiB per s",
            blocks => blocks.Sum(block => block.Service.Allocated) / 1048576 / Sum(blocks, block => block.Length).TotalSeconds, "0.0");
        console.Write(table);
        var (low, high) = RatioWithin();
        console.WriteLine(Text(
            $"p99 with swaps / without: {Ratio(Pairs):0.00}; 90 % interval {low:0.00} to {high:0.00} (bootstrap of ")
            + Text($"{Pairs.Count} pairs of blocks, {Draws:#,0} draws)."));
        console.WriteLine(Text(
            $"{Settings.Models + 1} models, {ResidentMiB:0} MiB in the service; {Versions} versions answered; ")
            + Text($"a swap costs {ProcessorPerSwap.TotalMilliseconds:0} ms of CPU time."));

        void Add(string name, Func<IEnumerable<SwapBlock>, double> value, string format) => table.AddRow(
            name, value(Steady).ToString(format, CultureInfo.InvariantCulture), value(Swapping).ToString(
                format, CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// The interval of the ratio by bootstrap: pairs are drawn with replacement, each with all of its requests.
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

    /// <summary>A percentile of the latency, in milliseconds.</summary>
    private static double PercentileMs(IEnumerable<SwapBlock> blocks, double percentile) =>
        Tally.PercentileMs(blocks.Select(block => block.Load), percentile);

    private static TimeSpan Sum(IEnumerable<SwapBlock> blocks, Func<SwapBlock, TimeSpan> of) => new(blocks.Sum(block => of(block).Ticks));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
