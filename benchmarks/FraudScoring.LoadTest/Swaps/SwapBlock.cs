namespace FraudScoring.LoadTest.Swaps;

/// <summary>What came of the requests of one short time.</summary>
/// <param name="TimesMs">From when each was due until it was answered or had failed.</param>
/// <param name="Lost">How many failed, or were answered without a model.</param>
/// <param name="Degraded">How many were answered with something missing: features that came too late, for one.</param>
/// <param name="Length">How long it lasted.</param>
internal sealed record SwapBlock(IReadOnlyList<double> TimesMs, int Lost, int Degraded, TimeSpan Length)
{
    /// <summary>Processor time of the service.</summary>
    public TimeSpan Processor { get; init; }
}

/// <summary>A time with swaps, and as long a one without beside it.</summary>
internal sealed record SwapBlockPair(SwapBlock Steady, SwapBlock Swapping);
