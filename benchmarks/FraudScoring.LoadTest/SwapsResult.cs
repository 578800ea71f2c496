using System.Globalization;
using HdrHistogram;
using Spectre.Console;

namespace FraudScoring.LoadTest;

/// <summary>Latencies of one time under load, from when a request was due.</summary>
internal sealed class SwapsPhase
{
    private readonly LongHistogram _ticks = new(TimeSpan.TicksPerMinute, 3);

    /// <summary>Requests that were answered.</summary>
    public long Answered => _ticks.TotalCount;

    /// <summary>Requests that failed, or were answered without a model.</summary>
    public int Lost { get; private set; }

    /// <summary>Adds an answer.</summary>
    public void Add(TimeSpan time, bool isLost)
    {
        lock (_ticks)
        {
            _ticks.RecordValue(Math.Clamp(time.Ticks, 1, TimeSpan.TicksPerMinute));
            Lost += isLost ? 1 : 0;
        }
    }

    /// <summary>A percentile, in milliseconds.</summary>
    public double PercentileMs(double percentile) => _ticks.GetValueAtPercentile(percentile) / (double)TimeSpan.TicksPerMillisecond;
}

/// <summary>What was measured.</summary>
/// <param name="Settings">What was asked for.</param>
/// <param name="Steady">Without replacements.</param>
/// <param name="Swapping">With them.</param>
/// <param name="Swaps">How many there were.</param>
/// <param name="Versions">Versions that answered.</param>
/// <param name="ResidentMiB">Memory of the process, with all models loaded.</param>
internal sealed record SwapsResult(SwapsSettings Settings, SwapsPhase Steady, SwapsPhase Swapping, int Swaps, int Versions, double ResidentMiB)
{
    /// <summary>Requests that were not answered by a model.</summary>
    public int Lost => Steady.Lost + Swapping.Lost;

    /// <summary>Writes a table.</summary>
    public void Show(IAnsiConsole console)
    {
        var table = new Table().AddColumns("", "steady", $"{Swaps} swaps");
        table.AddRow("answered", Text(Steady.Answered), Text(Swapping.Answered));
        table.AddRow("lost", Text(Steady.Lost), Text(Swapping.Lost));
        foreach (var percentile in new[] { 50, 90, 99, 99.9 })
        {
            table.AddRow(string.Create(CultureInfo.InvariantCulture, $"p{percentile}, ms"), Milliseconds(Steady, percentile), Milliseconds(Swapping, percentile));
        }
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Settings.Models + 1} models, {ResidentMiB:0} MiB in the whole process, the load and the embedded servers included; {Versions} versions answered."));
    }

    private static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Milliseconds(SwapsPhase phase, double percentile) => phase.PercentileMs(percentile).ToString("0.00", CultureInfo.InvariantCulture);
}
