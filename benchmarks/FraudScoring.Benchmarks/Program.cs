using BenchmarkDotNet.Running;
using FraudScoring.Benchmarks;
using FraudScoring.Benchmarks.Budgets;
using FraudScoring.Benchmarks.Fixtures;

try
{
    if (args.Contains("--check"))
    {
        return await BudgetCheck.RunAsync(Console.Out);
    }
    BenchmarkSwitcher.FromTypes(Benchmarked.Types).Run(args, BenchmarkSettings.Thorough());
    return 0;
}
finally
{
    await ServiceUnderTest.StopSharedAsync();
}
