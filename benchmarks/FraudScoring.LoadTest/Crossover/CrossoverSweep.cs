using System.Diagnostics;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;
using Spectre.Console;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>One measurement.</summary>
/// <param name="Shape">The ensemble.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Rows">Rows of one run.</param>
/// <param name="Runs">How often it ran.</param>
/// <param name="Microseconds">The median run.</param>
internal sealed record CrossoverCell(EnsembleShape Shape, string Device, int Rows, int Runs, double Microseconds)
{
    /// <summary>Of the median run.</summary>
    public double MicrosecondsPerRow => Microseconds / Rows;
}

/// <summary>Runs every ensemble on every device with batches of 1 to 4,096 rows.</summary>
internal static class CrossoverSweep
{
    /// <summary>Batches.</summary>
    public static IReadOnlyList<int> Batches { get; } = [.. Enumerable.Range(0, 13).Select(power => 1 << power)];

    /// <summary>Measures. The time for each ensemble and device is shared out to its batches; each runs at least three times, the first not counted.</summary>
    public static List<CrossoverCell> Measure(IReadOnlyList<CrossoverDevice> devices, TimeSpan perCell, IAnsiConsole console, CancellationToken cancellation)
    {
        List<CrossoverCell> cells = [];
        var rows = SampledEnsemble.Rows(Batches[^1]);
        console.Progress().Start(context =>
        {
            foreach (var shape in EnsembleShape.All)
            {
                var task = context.AddTask($"{shape} trees", maxValue: devices.Count * Batches.Count);
                var model = SampledEnsemble.Of(shape);
                foreach (var device in devices)
                {
                    using var session = device.Open(model);
                    foreach (var batch in Batches)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        var (runs, median) = MeasureCell(session, rows, batch, perCell);
                        cells.Add(new CrossoverCell(shape, device.Name, batch, runs, median));
                        task.Increment(1);
                    }
                }
            }
        });
        return cells;
    }

    private static (int Runs, double Median) MeasureCell(InferenceSession session, float[] rows, int batch, TimeSpan time)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, rows.AsMemory(0, batch * SampledEnsemble.Features), [batch, SampledEnsemble.Features]);
        using var output = OrtValue.CreateTensorValueFromMemory(new float[batch], [batch, 1]);
        using var binding = session.CreateIoBinding();
        binding.BindInput(EnsembleGraph.Features, input);
        binding.BindOutput(EnsembleGraph.Probability, output);
        // The other outputs are there for the product's devices; nobody reads them here.
        using var margin = OrtValue.CreateTensorValueFromMemory(new float[batch], [batch, 1]);
        using var members = OrtValue.CreateTensorValueFromMemory(new float[batch], [batch, 1]);
        binding.BindOutput(EnsembleGraph.Margin, margin);
        binding.BindOutput(EnsembleGraph.MemberMargins, members);
        session.RunWithBinding(options, binding);
        List<double> times = [];
        var start = Stopwatch.GetTimestamp();
        while (times.Count < 2 || Stopwatch.GetElapsedTime(start) < time)
        {
            var before = Stopwatch.GetTimestamp();
            session.RunWithBinding(options, binding);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
        }
        times.Sort();
        return (times.Count, times[times.Count / 2]);
    }
}
