using System.Text;
using System.Text.RegularExpressions;
using FraudScoring.Core.Payments;
using FraudScoring.TestKit.Budgets;

namespace FraudScoring.Tests.Benchmarks;

public sealed partial class BudgetFileTests
{
    [TestCase(99, 9.99)]
    [TestCase(100, 10.0)]
    public void Compare_CostsWithinTheBudget_FindsNothing(long bytes, double p99) =>
        Assert.That(Misses(File(new Budget("A.B", 100, 10)), new Cost("A.B", bytes, p99)), Is.Empty);

    [Test]
    public void Compare_OneByteTooMany_NamesTheBenchmarkTheBytesAndTheBudget() =>
        Assert.That(Misses(new Budget("A.B", 24_000), new Cost("A.B", 24_001)),
            Is.EqualTo(new[] { "A.B: allocated 24,001 bytes per operation; the budget is 24,000" }));

    [TestCase(100.001)]
    [TestCase(double.NaN)]
    public void Compare_CallsTooSlow_NamesTheBenchmarkAndTheBudget(double p99) =>
        Assert.That(Misses(new Budget("A.B", 0, 100), new Cost("A.B", 0, p99)),
            Is.EqualTo(new[] { FormattableString.Invariant($"A.B: took {p99:0.###} ms at the 99th percentile; the budget is 100 ms") }));

    [TestCase(3.0, null)]
    [TestCase(3.01, "A.B: took 3.01 times as long as its class's baseline; the budget is 3 times")]
    [TestCase(null, "A.B: has a budget for its ratio to a baseline, which its class does not have")]
    public void Compare_Ratio_IsWithinItsBudgetOrAMiss(double? ratio, string? miss) => Assert.That(
        Misses(new Budget("A.B", 0, MaxRatio: 3), new Cost("A.B", 0, Ratio: ratio)),
        Is.EqualTo(miss is null ? Array.Empty<string>() : [miss]));

    [Test]
    public void Compare_BytesAndTimeOverBudget_NamesBoth() =>
        Assert.That(Misses(new Budget("A.B", 1, 1), new Cost("A.B", 2, 2)), Has.Count.EqualTo(2));

    [Test]
    public void Compare_BenchmarkWithoutBudget_IsAMiss() =>
        Assert.That(Misses(File(), new Cost("A.B", 0)).Single(), Is.EqualTo("A.B: has no budget; add one to budgets.json"));

    [Test]
    public void Compare_BudgetOfNoBenchmark_IsAMissThatNamesTheKnownOnes() =>
        Assert.That(Misses(File(new Budget("A.B", 0), new Budget("A.Gone", 0)), new Cost("A.B", 0)).Single(),
            Is.EqualTo("A.Gone: has a budget in budgets.json but is not a benchmark; known: A.B"));

    [Test]
    public void Compare_BenchmarkThatFailed_IsAMiss() =>
        Assert.That(Misses(new Budget("A.B", 1_000), new Cost("A.B", null)), Is.EqualTo(new[] { "A.B: failed, and was not measured" }));

    [Test]
    public void Compare_PercentileBudgetWithoutPercentile_IsAMiss() =>
        Assert.That(Misses(new Budget("A.B", 0, 100), new Cost("A.B", 0)).Single(), Does.Contain("not measured"));

    [TestCase(1.9, 2.0, 2.1, ExpectedResult = "")]
    [TestCase(2.0, 3.0, 4.0, ExpectedResult = "")]
    [TestCase(2.01, 2.1, 2.2, ExpectedResult = "p50: the ratio is 2.10 (95 % interval 2.01 to 2.20); the limit is 2")]
    [TestCase(double.NaN, double.NaN, double.NaN, ExpectedResult = "p50: the ratio is NaN (95 % interval NaN to NaN); the limit is 2")]
    public string Compare_ARatio_MissesIfItsWholeIntervalIsOverTheLimit(double low, double median, double high) =>
        string.Join('\n', RatioMisses(new PairedRatio("p50", median, low, high), new PairedRatio("other", 9, 9, 9)));

    [Test]
    public void Compare_ARatioThatWasNotMeasured_IsAMiss() =>
        Assert.That(RatioMisses(new PairedRatio("p99", 1, 1, 1)).Single(),
            Is.EqualTo("p50: has a limit in budgets.json but was not measured; measured: p99"));

    [Test]
    public void Read_EveryRatioWrong_NamesAllFaults()
    {
        var json = """
            { "budgets": [], "ratios": [ { "measure": "", "max_ratio": 1 }, { "measure": "A", "max_ratio": 0 }, { "measure": "A", "max_ratio": 1 } ] }
            """;
        var faults = new Faults();
        Assert.That(BudgetFile.Parse(Encoding.UTF8.GetBytes(json), faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[] { "ratios[0].measure", "ratios[1].max_ratio", "ratios[2].measure" }));
    }

    [Test]
    public void Read_EveryEntryWrong_NamesAllFaults()
    {
        var json = """
            { "budgets": [
              { "benchmark": "A", "max_allocated_bytes": -1 },
              { "benchmark": "A", "max_allocated_bytes": 1, "max_p99_ms": 0, "max_ratio": 0 } ] }
            """;
        var faults = new Faults();
        Assert.That(BudgetFile.Parse(Encoding.UTF8.GetBytes(json), faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field),
            Is.EqualTo(new[]
            {
                "budgets[0].max_allocated_bytes", "budgets[1].benchmark", "budgets[1].max_p99_ms", "budgets[1].max_ratio",
            }));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("""{ }""")]
    [TestCase("""{ "budgets": null }""")]
    [TestCase("""{ "budgets": [ { "benchmark": "A" } ] }""")]
    [TestCase("""{ "budgets": [ { "benchmark": "A", "max_allocated_bytes": 1, "max_p98_ms": 1 } ] }""")]
    [TestCase("""{ "budgets": [ { "benchmark": null, "max_allocated_bytes": 1 } ] }""")]
    [TestCase("""{ "budgets": [ null ] }""")]
    public void Read_NotAListOfBudgets_IsOneFaultOfTheFile(string json)
    {
        var faults = new Faults();
        Assert.That(BudgetFile.Parse(Encoding.UTF8.GetBytes(json), faults), Is.Null);
        Assert.That(faults.Single().Field, Is.EqualTo("budgets.json"));
    }

    [Test]
    public void Read_TheFileOfThisRepository_HasABudgetForEveryBenchmark()
    {
        var faults = new Faults();
        var budgets = BudgetFile.Parse(RepositoryFiles.Bytes("benchmarks", BudgetFile.FileName), faults);
        Assert.That(faults, Is.Empty);
        // The names are read from the sources, because the tests do not reference the benchmarks.
        var benchmarks = from listed in Listed().Matches(Source("BenchmarkSettings.cs"))
                         let type = listed.Groups["type"].Value
                         from method in Benchmark().Matches(Source($"{type}.cs"))
                         select $"{type}.{method.Groups["method"].Value}";
        Assert.That(budgets!.Budgets.Select(budget => budget.Benchmark), Is.EquivalentTo(benchmarks));
        Assert.That(budgets.Budgets.Single(budget => budget.Benchmark == "ScorePath.Score").MaxP99Ms, Is.EqualTo(100));
    }

    private static string Source(string file) =>
        System.IO.File.ReadAllText(RepositoryFiles.Path("benchmarks", "FraudScoring.Benchmarks", file));

    [GeneratedRegex(@"new\(typeof\((?<type>\w+)\), \d+\)")]
    private static partial Regex Listed();

    [GeneratedRegex(@"\[Benchmark\b[^\]]*\]\s+public (async )?[\w<>\[\]]+ (?<method>\w+)\(")]
    private static partial Regex Benchmark();

    private static BudgetFile File(params Budget[] budgets) => new(budgets);

    private static List<string> Misses(Budget budget, Cost cost) => Misses(File(budget), cost);

    private static IEnumerable<string> RatioMisses(params PairedRatio[] ratios)
    {
        var misses = new Faults();
        new BudgetFile([], [new RatioLimit("p50", 2)]).Compare(ratios, misses);
        return misses.Select(miss => miss.ToString());
    }

    private static List<string> Misses(BudgetFile budgets, Cost cost)
    {
        var misses = new Faults();
        budgets.Compare([cost], misses);
        return [.. misses.Select(fault => fault.ToString())];
    }
}
