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
    BenchmarkSwitcher.FromTypes(Array.ConvertAll(Benchmarked.All, one => one.Type)).Run(args, BenchmarkSettings.Thorough());
    return 0;
}
finally
{
    await FilledService.StopSharedAsync();
}
