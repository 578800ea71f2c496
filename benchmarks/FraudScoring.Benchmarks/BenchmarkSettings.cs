using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace FraudScoring.Benchmarks;

/// <summary>A class with benchmarks.</summary>
/// <param name="Type">The class.</param>
/// <param name="Invocations">
/// How often a short run invokes each benchmark per iteration. Fixed, not found by time: the few kilobytes the measurement itself
/// allocates must be less than half a byte per operation of a benchmark that allocates nothing, on a slow machine as well.
/// </param>
internal sealed record Benchmarked(Type Type, int Invocations)
{
    /// <summary>All of them: those that need no running service first, so that its background work is not in their numbers.</summary>
    public static readonly Benchmarked[] All =
    [
        new(typeof(Stages), 160), new(typeof(Explanations), 320), new(typeof(WholeEnsemble), 160), new(typeof(Profiles), 160),
        new(typeof(FeatureReads), 16), new(typeof(ScorePath), 16),
    ];
}

/// <summary>
/// How benchmarks are run. All run inside this process: the service does too, so allocated bytes, which are counted process-wide,
/// hold those of its own threads.
/// </summary>
internal static class BenchmarkSettings
{
    /// <summary>For a person who compares times.</summary>
    public static IConfig Thorough() => Common()
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
        .AddLogger(ConsoleLogger.Default)
        .AddExporter(MarkdownExporter.GitHub);

    /// <summary>For allocated bytes, which a few short iterations tell as well as many long ones.</summary>
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
