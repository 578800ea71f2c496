using System.Globalization;
using System.Text.Json;
using FraudScoring.Core.Payments;

namespace FraudScoring.TestKit.Budgets;

/// <summary>The budgets of all benchmarks: <c>budgets.json</c>.</summary>
/// <param name="Budgets">One per benchmark.</param>
/// <param name="Ratios">Limits of ratios that the load test of scoring measures.</param>
/// <param name="Comment">How to read the file.</param>
internal sealed record BudgetFile(IReadOnlyList<Budget> Budgets, IReadOnlyList<RatioLimit>? Ratios = null, string? Comment = null)
{
    public const string FileName = "budgets.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Parses the budgets.</summary>
    /// <param name="json">Content of the file.</param>
    /// <param name="faults">Receives all faults.</param>
    public static BudgetFile? Parse(ReadOnlySpan<byte> json, Faults faults)
    {
        var before = faults.Count;
        try
        {
            var file = JsonSerializer.Deserialize<BudgetFile>(json, Json) ?? throw new JsonException("The file contains null.");
            if (file.Budgets.Contains(null!) || file.Ratios?.Contains(null!) == true)
            {
                throw new JsonException("An entry is null.");
            }
            CheckEntries(file.Budgets, faults);
            CheckRatios(file.Ratios ?? [], faults);
            return faults.Count == before ? file : null;
        }
        catch (JsonException e)
        {
            faults.Add(FileName, $"is not a list of budgets: {e.Message}");
            return null;
        }
    }

    /// <summary>Compares costs with budgets. Every benchmark must have a budget, and every budget a benchmark.</summary>
    /// <param name="costs">Measured costs.</param>
    /// <param name="misses">Receives all misses, by benchmark.</param>
    public void Compare(IReadOnlyCollection<Cost> costs, Faults misses)
    {
        foreach (var cost in costs)
        {
            if (Budgets.FirstOrDefault(budget => budget.Benchmark == cost.Benchmark) is { } budget)
            {
                Compare(cost, budget, misses);
            }
            else
            {
                misses.Add(cost.Benchmark, $"has no budget; add one to {FileName}");
            }
        }
        var known = string.Join(", ", costs.Select(cost => cost.Benchmark));
        misses.AddRange(Budgets.Where(budget => costs.All(cost => cost.Benchmark != budget.Benchmark))
            .Select(budget => new Fault(budget.Benchmark, $"has a budget in {FileName} but is not a benchmark; known: {known}")));
    }

    /// <summary>
    /// Compares ratios with their limits. A ratio is over its limit if its whole interval is, so that noise alone fails nothing.
    /// </summary>
    /// <param name="ratios">Measured ratios; those without a limit are not compared.</param>
    /// <param name="misses">Receives all misses, by measure.</param>
    public void Compare(IReadOnlyCollection<PairedRatio> ratios, Faults misses)
    {
        foreach (var limit in Ratios ?? [])
        {
            if (ratios.FirstOrDefault(ratio => ratio.Measure == limit.Measure) is not { } ratio)
            {
                misses.Add(limit.Measure, $"has a limit in {FileName} but was not measured; measured: "
                    + string.Join("; ", ratios.Select(one => one.Measure)));
            }
            else if (!(ratio.Low <= limit.MaxRatio))
            {
                misses.Add(limit.Measure, Text(
                    $"the ratio is {ratio.Median:0.00} (95 % interval {ratio.Low:0.00} to {ratio.High:0.00}); the limit is {limit.MaxRatio:0.##}"));
            }
        }
    }

    private static void Compare(Cost cost, Budget budget, Faults misses)
    {
        if (cost.AllocatedBytes is not { } allocated)
        {
            misses.Add(cost.Benchmark, "failed, and was not measured");
        }
        else if (budget.IsOver(allocated))
        {
            misses.Add(cost.Benchmark, Text(
                $"allocated {allocated:#,0} bytes per operation; the budget is {budget.MaxAllocatedBytes:#,0}"));
        }
        if (budget.MaxRatio is { } most && !(cost.Ratio <= most))
        {
            misses.Add(cost.Benchmark, cost.Ratio is { } ratio
                ? Text($"took {ratio:0.00} times as long as its class's baseline; the budget is {most:0.##} times")
                : "has a budget for its ratio to a baseline, which its class does not have");
        }
        if (budget.MaxP99Ms is not { } longest)
        {
            return;
        }
        if (cost.P99Ms is not { } p99)
        {
            misses.Add(cost.Benchmark, "has a budget for its 99th percentile, which is not measured");
        }
        else if (!(p99 <= longest))
        {
            misses.Add(cost.Benchmark, Text($"took {p99:0.###} ms at the 99th percentile; the budget is {longest:0.###} ms"));
        }
    }

    private static void CheckEntries(IReadOnlyList<Budget> budgets, Faults faults)
    {
        for (var i = 0; i < budgets.Count; i++)
        {
            var (name, bytes, p99, ratio, _) = budgets[i];
            var field = Text($"budgets[{i}]");
            if (name.Length == 0 || budgets.Take(i).Any(budget => budget.Benchmark == name))
            {
                faults.Add($"{field}.benchmark", "must name a benchmark that no other entry names");
            }
            if (bytes < 0)
            {
                faults.Add($"{field}.max_allocated_bytes", "must not be negative");
            }
            if (p99 is not (null or > 0))
            {
                faults.Add($"{field}.max_p99_ms", "must be over 0 milliseconds");
            }
            if (ratio is not (null or > 0))
            {
                faults.Add($"{field}.max_ratio", "must be over 0");
            }
        }
    }

    private static void CheckRatios(IReadOnlyList<RatioLimit> limits, Faults faults)
    {
        for (var i = 0; i < limits.Count; i++)
        {
            var field = Text($"ratios[{i}]");
            if (limits[i].Measure.Length == 0 || limits.Take(i).Any(limit => limit.Measure == limits[i].Measure))
            {
                faults.Add($"{field}.measure", "must name a measure that no other entry names");
            }
            if (!(limits[i].MaxRatio > 0))
            {
                faults.Add($"{field}.max_ratio", "must be over 0");
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
