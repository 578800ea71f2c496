using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace FraudScoring.Benchmarks;

/// <summary>The classes with benchmarks: those that need no running service first, so that its background work is not in their numbers.</summary>
internal static class Benchmarked
{
    public static readonly Type[] Types = [typeof(Stages), typeof(Profiles), typeof(FeatureReads), typeof(ScorePath)];
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
    public static IConfig Short(ILogger log) => Common()
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(8).WithIterationCount(4).WithIterationTime(TimeInterval.FromMilliseconds(150)))
        .AddLogger(log)
        .WithOptions(ConfigOptions.DisableLogFile);

    private static ManualConfig Common() => ManualConfig.CreateEmpty()
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
        .AddValidator(BenchmarkDotNet.Validators.JitOptimizationsValidator.FailOnError);
}
