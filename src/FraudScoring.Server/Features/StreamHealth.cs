namespace FraudScoring.Server.Features;

/// <summary>How far the profiles lag behind a topic, which decides whether a payment's features count as stale.</summary>
internal sealed class StreamHealth(TimeProvider time)
{
    // Until the consumer's first report nothing is known of the topic, so the lag counts from the start of the service.
    private long _behindSinceMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private long _reportedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private long _remaining;
    private volatile bool _isReported;

    /// <summary>
    /// Age of the oldest record that is not applied yet, or time since the consumer's last report if that is longer. A consumer that hangs
    /// must not look like one that has caught up.
    /// </summary>
    public TimeSpan Lag
    {
        get
        {
            var since = Math.Min(Volatile.Read(ref _behindSinceMs), Volatile.Read(ref _reportedMs));
            return TimeSpan.FromMilliseconds(Math.Max(0, time.GetUtcNow().ToUnixTimeMilliseconds() - since));
        }
    }

    /// <summary>True if every record was applied as of the last report.</summary>
    public bool IsCaughtUp => Volatile.Read(ref _behindSinceMs) == long.MaxValue;

    /// <summary>True once the consumer has reported.</summary>
    public bool IsReported => _isReported;

    /// <summary>Number of records not applied yet, as of the last report.</summary>
    public long Remaining => Volatile.Read(ref _remaining);

    /// <summary>Reports the lag. Must be called regularly: time without a report counts as lag.</summary>
    /// <param name="behindSinceMs">Since when records wait, milliseconds since the Unix epoch; null if none do.</param>
    /// <param name="remaining">Number of records that wait.</param>
    public void Report(long? behindSinceMs, long remaining)
    {
        Volatile.Write(ref _behindSinceMs, behindSinceMs ?? long.MaxValue);
        Volatile.Write(ref _remaining, remaining);
        Volatile.Write(ref _reportedMs, time.GetUtcNow().ToUnixTimeMilliseconds());
        _isReported = true;
    }
}
