using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>How long a run takes, by bucket: a running mean, in ticks.</summary>
internal sealed class RunEstimate(SizeBuckets buckets)
{
    // A new time counts for an eighth: one hiccup does not turn requests away, and a slower device is known after a dozen runs.
    private const int Share = 8;
    private readonly long[] _ticks = new long[buckets.Count];

    /// <summary>The time for so many rows; 0 when none is known.</summary>
    public long TicksFor(int rows) => _ticks[buckets.Holding(rows)];

    /// <summary>Takes a measured time.</summary>
    public void Record(int rows, long ticks)
    {
        ref var mean = ref _ticks[buckets.Holding(rows)];
        mean = mean == 0 ? ticks : mean + ((ticks - mean) / Share);
    }

    /// <summary>Puts a time in place of what is known.</summary>
    public void Set(int bucket, long ticks) => _ticks[bucket] = ticks;

    /// <summary>Believes less: an estimate by which every request is turned away would never be corrected by a run.</summary>
    public void Relax()
    {
        foreach (ref var ticks in _ticks.AsSpan())
        {
            ticks -= ticks / Share;
        }
    }
}
