using System.Globalization;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using FraudScoring.Core.Payments;
using FraudScoring.TestKit.Budgets;

namespace FraudScoring.Benchmarks.Budgets;

/// <summary>
/// The check that CI runs: allocated bytes from a short run of all benchmarks, latency from single calls of the score path, both compared
/// with the budgets.
/// </summary>
internal static class BudgetCheck
{
    // Degraded answers skip part of the path. A busy machine causes a few of them.
    private const double MostDegraded = 0.05;

    // Bytes are counted process-wide. The runtime's own occasional allocations appear in some runs; those of the benchmark appear in
    // all of them.
    private const int MostRuns = 3;
    private const string Scored = $"{nameof(ScorePath)}.{nameof(ScorePath.Score)}";

    /// <summary>Measures, prints the results and compares them with the budgets.</summary>
    /// <returns>The exit code: 0 if everything is within its budget, otherwise 1.</returns>
    public static async Task<int> RunAsync(TextWriter output)
    {
        var path = Path.Combine(AppContext.BaseDirectory, BudgetFile.FileName);
        var faults = new Faults();
        var budgets = BudgetFile.Parse(await File.ReadAllBytesAsync(path), faults);
        if (budgets is null)
        {
            return await ReportAsync(output, faults);
        }
        var reports = await RunBenchmarksAsync(budgets, output);
        var scoring = new ScorePath();
        await scoring.SetUpAsync();
        var latency = await ScoreLatency.MeasureAsync(scoring);
        await PrintAsync(output, reports, latency);

        var p99 = latency.Score.PercentileMs(99);
        var costs = reports.Select(
            report => new Cost(NameOf(report), BytesOf(report), NameOf(report) == Scored ? p99 : null, RatioOf(report, reports)));
        var misses = new Faults();
        budgets.Compare([.. costs], misses);
        if (latency.Degraded > MostDegraded * CallLatency.Calls)
        {
            misses.Add(Scored, Text(
                $"{latency.Degraded:#,0} of {CallLatency.Calls:#,0} answers were degraded, so these are not latencies of the whole path"));
        }
        return await ReportAsync(output, misses);
    }

    private static async Task<List<BenchmarkReport>> RunBenchmarksAsync(BudgetFile budgets, TextWriter output)
    {
        var reports = new List<BenchmarkReport>();
        foreach (var one in Benchmarked.All)
        {
            var own = await RunAsync(one, output);
            for (var run = 1; run < MostRuns && own.Any(report => IsOver(report, budgets)); run++)
            {
                await output.WriteLineAsync($"{one.Type.Name} allocated more than its budget; running it again.");
                own = await RunAsync(one, output);
            }
            reports.AddRange(own);
        }
        return reports;
    }

    private static async Task<IReadOnlyList<BenchmarkReport>> RunAsync(Benchmarked benchmarked, TextWriter output)
    {
        var log = new LogCapture();
        var reports = BenchmarkRunner.Run(benchmarked.Type, BenchmarkSettings.Short(log, benchmarked.Invocations)).Reports;
        if (reports.IsEmpty || reports.Any(report => !report.Success))
        {
            await output.WriteLineAsync(string.Concat(log.CapturedOutput.Select(line => line.Text)));
        }
        return reports;
    }

    private static bool IsOver(BenchmarkReport report, BudgetFile budgets) =>
        budgets.Budgets.Any(budget => budget.Benchmark == NameOf(report) && budget.IsOver(BytesOf(report)));

    private static async Task PrintAsync(TextWriter output, List<BenchmarkReport> reports, ScoreLatency latency)
    {
        await output.WriteLineAsync("| benchmark | mean, µs | allocated per operation, bytes |\n|---|---:|---:|");
        foreach (var report in reports)
        {
            var micros = report.ResultStatistics?.Mean / 1000;
            await output.WriteLineAsync(Text($"| {NameOf(report)} | {micros:0.000} | {BytesOf(report):#,0} |"));
        }
        await output.WriteLineAsync(Text(
            $"\nSingle calls and their stages in milliseconds; {CallLatency.Calls:#,0} calls, one at a time, after warm-up:\n"));
        await output.WriteLineAsync("| call | p50 | p90 | p99 | p99.9 | max |\n|---|---:|---:|---:|---:|---:|");
        foreach (var one in (IEnumerable<CallLatency>)[latency.Health, latency.Score, .. latency.Stages])
        {
            double[] percentiles = [50, 90, 99, 99.9, 100];
            var cells = percentiles.Select(percentile => Text($"{one.PercentileMs(percentile):0.000}"));
            await output.WriteLineAsync($"| {one.Name} | {string.Join(" | ", cells)} |");
        }
        await output.WriteLineAsync();
    }

    private static async Task<int> ReportAsync(TextWriter output, Faults faults)
    {
        foreach (var fault in faults)
        {
            await output.WriteLineAsync($"fault: {fault}");
        }
        await output.WriteLineAsync(faults.Count == 0
            ? "All benchmarks are within their budgets."
            : Text($"{faults.Count} faults, listed above; the budgets are in {BudgetFile.FileName}."));
        return faults.Count == 0 ? 0 : 1;
    }

    private static double? RatioOf(BenchmarkReport report, List<BenchmarkReport> reports) =>
        report.ResultStatistics?.Mean / reports.FirstOrDefault(other => other.BenchmarkCase.Descriptor.Baseline
            && other.BenchmarkCase.Descriptor.Type == report.BenchmarkCase.Descriptor.Type)?.ResultStatistics?.Mean;

    private static string NameOf(BenchmarkReport report) =>
        $"{report.BenchmarkCase.Descriptor.Type.Name}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}";

    private static long? BytesOf(BenchmarkReport report) =>
        report.Success ? report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
