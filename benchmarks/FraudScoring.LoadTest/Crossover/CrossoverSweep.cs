using System.Diagnostics;
using FraudScoring.Inference.Devices;
using Spectre.Console;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>A measurement.</summary>
/// <param name="Shape">The ensemble.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="Rows">Rows per run.</param>
/// <param name="Runs">Number of runs.</param>
/// <param name="Microseconds">Duration of the median run.</param>
internal sealed record CrossoverCell(EnsembleShape Shape, string Device, int Rows, int Runs, double Microseconds)
{
    /// <summary>Time per row of the median run.</summary>
    public double MicrosecondsPerRow => Microseconds / Rows;
}

/// <summary>Runs every ensemble on every device with batches of 1 to 4,096 rows.</summary>
internal static class CrossoverSweep
{
    /// <summary>Rows per run.</summary>
    public static IReadOnlyList<int> Batches { get; } = [.. Enumerable.Range(0, 13).Select(power => 1 << power)];

    /// <summary>
    /// Measures every combination. The time for each ensemble and device is divided among its batch sizes. Each batch size runs at
    /// least three times; the first run is not counted.
    /// </summary>
    public static List<CrossoverCell> Measure(
        IReadOnlyList<CrossoverDevice> devices, TimeSpan perCell, IAnsiConsole console, CancellationToken cancellation)
    {
        List<CrossoverCell> cells = [];
        var rows = SampledEnsemble.Rows(Batches[^1]);
        console.Progress().Start(context =>
        {
            foreach (var shape in EnsembleShape.All)
            {
                var task = context.AddTask($"{shape} trees", maxValue: devices.Count * Batches.Count);
                var model = SampledEnsemble.Create(shape);
                foreach (var device in devices)
                {
                    using var lane = device.Open(model);
                    foreach (var batch in Batches)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        var (runs, median) = MeasureCell(lane, rows, batch, perCell);
                        cells.Add(new CrossoverCell(shape, device.Name, batch, runs, median));
                        task.Increment(1);
                    }
                }
            }
        });
        return cells;
    }

    /// <summary>A run is what the service runs: the rows are already in the lane's buffer, and the answers end there.</summary>
    private static (int Runs, double Median) MeasureCell(IDeviceLane lane, float[] rows, int batch, TimeSpan time)
    {
        rows.AsSpan(0, batch * SampledEnsemble.Features).CopyTo(lane.Features);
        lane.Run(batch);
        List<double> times = [];
        var start = Stopwatch.GetTimestamp();
        while (times.Count < 2 || Stopwatch.GetElapsedTime(start) < time)
        {
            var before = Stopwatch.GetTimestamp();
            lane.Run(batch);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
        }
        times.Sort();
        return (times.Count, times[times.Count / 2]);
    }
}
