namespace FraudScoring.TestKit.Budgets;

/// <summary>The limits of one benchmark.</summary>
/// <param name="Benchmark">Class and method, such as "ScorePath.Score".</param>
/// <param name="MaxAllocatedBytes">Maximum number of bytes allocated per operation.</param>
/// <param name="MaxP99Ms">Maximum 99th percentile of single calls in milliseconds, or null if it is not measured.</param>
/// <param name="MaxRatio">
/// Maximum ratio of the mean to that of the class's baseline in the same run, or null if they are not compared.
/// </param>
/// <param name="Comment">What the limits are based on.</param>
internal sealed record Budget(
    string Benchmark, long MaxAllocatedBytes, double? MaxP99Ms = null, double? MaxRatio = null, string? Comment = null)
{
    /// <summary>Whether this number of bytes per operation exceeds the budget. An unmeasured number does not.</summary>
    public bool IsOver(long? allocatedBytes) => allocatedBytes > MaxAllocatedBytes;
}

/// <summary>The measured cost of one benchmark.</summary>
/// <param name="Benchmark">Class and method.</param>
/// <param name="AllocatedBytes">Bytes allocated per operation, or null if the benchmark failed.</param>
/// <param name="P99Ms">The 99th percentile of single calls in milliseconds, or null if it was not measured.</param>
/// <param name="Ratio">Ratio of the mean to that of the class's baseline, or null if there is no baseline.</param>
internal sealed record Cost(string Benchmark, long? AllocatedBytes, double? P99Ms = null, double? Ratio = null);
