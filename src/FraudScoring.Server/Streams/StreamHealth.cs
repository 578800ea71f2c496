namespace FraudScoring.Server.Streams;

/// <summary>How far the profiles are behind the log: what a scored payment needs to know to call its features stale.</summary>
internal sealed class StreamHealth(TimeProvider time)
{
    private long _behindSince = long.MinValue;

    /// <summary>How long the oldest unread record has waited; zero when all are read.</summary>
    public TimeSpan Lag
    {
        get
        {
            var since = Volatile.Read(ref _behindSince);
            return since == long.MinValue ? TimeSpan.Zero : time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(since);
        }
    }

    /// <summary>Says that all records are applied.</summary>
    public void CaughtUp() => Volatile.Write(ref _behindSince, long.MinValue);

    /// <summary>Says that records are waiting.</summary>
    /// <param name="recordTimeMs">When the newest applied record was written to the log, milliseconds since the Unix epoch.</param>
    public void Behind(long recordTimeMs) => Volatile.Write(ref _behindSince, recordTimeMs);
}
