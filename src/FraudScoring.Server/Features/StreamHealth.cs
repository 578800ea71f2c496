namespace FraudScoring.Server.Features;

/// <summary>How far the profiles are behind a topic: what a scored payment needs to know to call its features stale.</summary>
internal sealed class StreamHealth(TimeProvider time)
{
    // Until the consumer has spoken, nothing is known of the log: that counts from the start of the service.
    private long _behindSinceMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private long _reportedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private long _remaining;
    private volatile bool _isReported;

    /// <summary>How long records have waited that are not applied yet, or nothing was heard of the consumer; zero when all is well.</summary>
    public TimeSpan Lag
    {
        get
        {
            var since = Math.Min(Volatile.Read(ref _behindSinceMs), Volatile.Read(ref _reportedMs));
            return TimeSpan.FromMilliseconds(Math.Max(0, time.GetUtcNow().ToUnixTimeMilliseconds() - since));
        }
    }

    /// <summary>True when all records were applied as of the last report.</summary>
    public bool IsCaughtUp => Volatile.Read(ref _behindSinceMs) == long.MaxValue;

    /// <summary>The consumer has said how far it is.</summary>
    public bool IsReported => _isReported;

    /// <summary>How many records are not applied yet, as far as known.</summary>
    public long Remaining => Volatile.Read(ref _remaining);

    /// <summary>Says since when records wait, in milliseconds since the Unix epoch; null when none do. To be called all the time.</summary>
    /// <param name="behindSinceMs">Since when.</param>
    /// <param name="remaining">How many wait.</param>
    public void Report(long? behindSinceMs, long remaining)
    {
        Volatile.Write(ref _behindSinceMs, behindSinceMs ?? long.MaxValue);
        Volatile.Write(ref _remaining, remaining);
        Volatile.Write(ref _reportedMs, time.GetUtcNow().ToUnixTimeMilliseconds());
        _isReported = true;
    }
}
