using FraudScoring.TestKit.Services;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>What came of the requests of one short time.</summary>
/// <param name="TimesMs">From when each was due until it was answered or had failed.</param>
/// <param name="Lost">How many failed, or were answered without a model.</param>
/// <param name="Incomplete">How many were answered without all features, since Redis took too long.</param>
/// <param name="Length">How long it lasted.</param>
internal sealed record SwapBlock(IReadOnlyList<double> TimesMs, int Lost, int Incomplete, TimeSpan Length)
{
    /// <summary>What the service did meanwhile.</summary>
    public ServiceReading Service { get; init; } = new(TimeSpan.Zero, TimeSpan.Zero, 0);
}

/// <summary>A time with swaps, and as long a one without beside it.</summary>
internal sealed record SwapBlockPair(SwapBlock Steady, SwapBlock Swapping);
