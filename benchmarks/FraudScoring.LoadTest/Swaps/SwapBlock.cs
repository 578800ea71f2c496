using FraudScoring.TestKit.Services;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>Results of the requests of one block of time.</summary>
/// <param name="TimesMs">Latency of each request in milliseconds, from its due time until its answer or failure.</param>
/// <param name="Lost">Number of requests that failed or were answered without a model.</param>
/// <param name="Incomplete">Number of requests answered with missing features because Redis was too slow.</param>
/// <param name="Length">Duration of the block.</param>
internal sealed record SwapBlock(IReadOnlyList<double> TimesMs, int Lost, int Incomplete, TimeSpan Length)
{
    /// <summary>What the service used in this block.</summary>
    public ServiceReading Service { get; init; } = new(TimeSpan.Zero, TimeSpan.Zero, 0);
}

/// <summary>A block with swaps, and an equally long one without.</summary>
internal sealed record SwapBlockPair(SwapBlock Steady, SwapBlock Swapping);
