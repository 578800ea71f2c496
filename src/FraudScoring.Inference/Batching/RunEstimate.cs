using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>How long a run takes per size bucket: an exponential moving average, in ticks.</summary>
internal sealed class RunEstimate(SizeBuckets buckets)
{
    // Weight 1/8 of a new time: a single slow run refuses few requests, and a slower device is recognised after a dozen runs.
    private const int Share = 8;
    private readonly long[] _ticks = new long[buckets.Count];

    /// <summary>Expected time for a number of rows; 0 if unknown.</summary>
    public long TicksFor(int rows) => _ticks[buckets.Holding(rows)];

    public void Record(int rows, long ticks)
    {
        ref var mean = ref _ticks[buckets.Holding(rows)];
        mean = mean == 0 ? ticks : mean + ((ticks - mean) / Share);
    }

    public void Set(int bucket, long ticks) => _ticks[bucket] = ticks;

    /// <summary>Lowers all estimates. Used when every request was refused because of them, since no run would then correct them.</summary>
    public void Relax()
    {
        foreach (ref var ticks in _ticks.AsSpan())
        {
            ticks -= ticks / Share;
        }
    }
}
