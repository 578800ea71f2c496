using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace FraudScoring.Benchmarks;

/// <summary>A benchmark class.</summary>
/// <param name="Type">The class.</param>
/// <param name="Invocations">
/// Invocations per iteration in a short run. Fixed rather than derived from time: the few kilobytes that the measurement itself allocates
/// must stay under half a byte per operation, on a slow machine too.
/// </param>
internal sealed record Benchmarked(Type Type, int Invocations)
{
    /// <summary>All benchmarks. Those without a running service come first, so that its background work does not distort them.</summary>
    public static readonly Benchmarked[] All =
    [
        new(typeof(Stages), 160), new(typeof(Explanations), 320), new(typeof(WholeEnsemble), 160), new(typeof(Profiles), 160),
        new(typeof(Rules), 160), new(typeof(FeatureReads), 16), new(typeof(ScorePath), 16),
    ];
}

/// <summary>
/// Benchmark configurations. Everything runs in this process, including the service. Allocations are counted process-wide, so they include
/// those of the service's own threads.
/// </summary>
internal static class BenchmarkSettings
{
    /// <summary>For comparing times by hand.</summary>
    public static IConfig Thorough() => Common()
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
        .AddLogger(ConsoleLogger.Default)
        .AddExporter(MarkdownExporter.GitHub);

    /// <summary>For allocated bytes, for which a few short iterations are enough.</summary>
    public static IConfig Short(ILogger log, int invocations) => Common()
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(4).WithIterationCount(3).WithInvocationCount(invocations).WithUnrollFactor(1))
        .AddLogger(log)
        .WithOptions(ConfigOptions.DisableLogFile);

    private static ManualConfig Common() => ManualConfig.CreateEmpty()
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
        .AddValidator(BenchmarkDotNet.Validators.JitOptimizationsValidator.FailOnError);
}
