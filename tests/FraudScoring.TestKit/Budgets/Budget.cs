namespace FraudScoring.TestKit.Budgets;

/// <summary>What one benchmark may cost.</summary>
/// <param name="Benchmark">Class and method, such as "ScorePath.Score".</param>
/// <param name="MaxAllocatedBytes">Most bytes allocated per operation.</param>
/// <param name="MaxP99Ms">Longest 99th percentile of single calls in milliseconds, or null when none is measured.</param>
/// <param name="MaxRatio">Most times the mean of its class's baseline, measured in the same run, or null when they are not
/// compared.</param>
/// <param name="Comment">What the number holds.</param>
internal sealed record Budget(
    string Benchmark, long MaxAllocatedBytes, double? MaxP99Ms = null, double? MaxRatio = null, string? Comment = null)
{
    /// <summary>So many bytes per operation are more than it may allocate; what was not measured is not.</summary>
    public bool IsOver(long? allocatedBytes) => allocatedBytes > MaxAllocatedBytes;
}

/// <summary>What one benchmark did cost.</summary>
/// <param name="Benchmark">Class and method.</param>
/// <param name="AllocatedBytes">Bytes allocated per operation, or null when the benchmark failed.</param>
/// <param name="P99Ms">The 99th percentile of single calls in milliseconds, or null when it was not measured.</param>
/// <param name="Ratio">Its mean over its class's baseline's, or null when it has none.</param>
internal sealed record Cost(string Benchmark, long? AllocatedBytes, double? P99Ms = null, double? Ratio = null);
