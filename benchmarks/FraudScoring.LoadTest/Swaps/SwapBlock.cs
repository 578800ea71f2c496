using FraudScoring.LoadTest.Scores;
using FraudScoring.TestKit.Services;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>Results of the payments of one block of time.</summary>
/// <param name="Load">What became of the payments.</param>
/// <param name="Length">Duration of the block.</param>
/// <param name="Service">What the service used in this block.</param>
internal sealed record SwapBlock(Tally Load, TimeSpan Length, ServiceReading Service)
{
    /// <summary>Number of payments that no model scored.</summary>
    public long Lost => Load.Offered - Load.Good;

    /// <summary>Number of payments scored with missing features because Redis was too slow.</summary>
    public long Incomplete => Load.Degraded.Where(one => one.Degradation == V1.Degradation.MissingFeatures).Sum(one => one.Count);
}

/// <summary>A block with swaps, and an equally long one without.</summary>
internal sealed record SwapBlockPair(SwapBlock Steady, SwapBlock Swapping);
