using System.Globalization;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using FraudScoring.Core.Payments;

namespace FraudScoring.Benchmarks.Budgets;

/// <summary>
/// The check of a build: a short run of all benchmarks for their allocated bytes, then single calls of the score path for their times,
/// both against the budgets.
/// </summary>
internal static class BudgetCheck
{
    // Degraded answers skip part of the path; a few come from a machine that is busy with other things.
    private const double MostDegraded = 0.05;

    /// <summary>Measures, prints what it found, and compares.</summary>
    /// <returns>The exit code: 0 when all is within the budgets, else 1.</returns>
    public static async Task<int> RunAsync(TextWriter output)
    {
        var budgets = BudgetFile.Read(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, BudgetFile.FileName)), out var faults);
        if (budgets is null)
        {
            return await TellAsync(output, faults);
        }
        var reports = await MeasureAllocationsAsync(output);
        var path = new ScorePath();
        await path.SetUpAsync();
        var health = await CallLatency.MeasureAsync(_ => path.HealthAsync());
        var score = await CallLatency.MeasureAsync(path.ScoreAsync);
        await PrintAsync(output, reports, health, score);

        const string Scored = $"{nameof(ScorePath)}.{nameof(ScorePath.Score)}";
        var costs = reports.Select(report => new Cost(NameOf(report), BytesOf(report), NameOf(report) == Scored ? score.Percentile(99) : null));
        var misses = budgets.Compare([.. costs]);
        if (score.Faulty > MostDegraded * CallLatency.Calls)
        {
            misses.Add(new Fault(Scored, Text($"{score.Faulty:#,0} of {CallLatency.Calls:#,0} answers were degraded: its times are not those of the whole path")));
        }
        return await TellAsync(output, misses);
    }

    private static async Task<BenchmarkReport[]> MeasureAllocationsAsync(TextWriter output)
    {
        var reports = new List<BenchmarkReport>();
        foreach (var type in Benchmarked.Types)
        {
            var log = new LogCapture();
            var own = BenchmarkRunner.Run(type, BenchmarkSettings.Short(log)).Reports;
            if (own.IsEmpty || own.Any(report => !report.Success))
            {
                await output.WriteLineAsync(string.Concat(log.CapturedOutput.Select(line => line.Text)));
            }
            reports.AddRange(own);
        }
        return [.. reports];
    }

    private static async Task PrintAsync(TextWriter output, BenchmarkReport[] reports, CallLatency health, CallLatency score)
    {
        await output.WriteLineAsync("| benchmark | mean, µs | allocated, bytes per operation |\n|---|---:|---:|");
        foreach (var report in reports)
        {
            await output.WriteLineAsync(Text($"| {NameOf(report)} | {report.ResultStatistics?.Mean / 1000:0.000} | {BytesOf(report):#,0} |"));
        }
        await output.WriteLineAsync(Text($"\nSingle calls in milliseconds, {CallLatency.Calls:#,0} each, one at a time, after warm-up:\n"));
        await output.WriteLineAsync("| call | p50 | p90 | p99 | p99.9 | max |\n|---|---:|---:|---:|---:|---:|");
        await output.WriteLineAsync(Row("HealthCheck", health));
        await output.WriteLineAsync(Row("Score", score));
        await output.WriteLineAsync();
    }

    private static string Row(string name, CallLatency latency) => Text(
        $"| {name} | {latency.Percentile(50):0.000} | {latency.Percentile(90):0.000} | {latency.Percentile(99):0.000} | {latency.Percentile(99.9):0.000} | {latency.MaxMs:0.000} |");

    private static async Task<int> TellAsync(TextWriter output, List<Fault> misses)
    {
        foreach (var miss in misses)
        {
            await output.WriteLineAsync($"over budget: {miss}");
        }
        await output.WriteLineAsync(misses.Count == 0 ? "All benchmarks are within their budgets." : Text($"{misses.Count} faults."));
        return misses.Count == 0 ? 0 : 1;
    }

    private static string NameOf(BenchmarkReport report) =>
        $"{report.BenchmarkCase.Descriptor.Type.Name}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}";

    private static long? BytesOf(BenchmarkReport report) =>
        report.Success ? report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
