namespace FraudScoring.Server.Streams;

/// <summary>How far the profiles are behind the log: what a scored payment needs to know to call its features stale.</summary>
internal sealed class StreamHealth(TimeProvider time)
{
    // Until the consumer has spoken, nothing is known of the log: that counts from the start of the service.
    private long _behindSinceMs = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>How long records have waited that are not applied yet; zero when all are.</summary>
    public TimeSpan Lag => Volatile.Read(ref _behindSinceMs) is var since && since == long.MaxValue
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Math.Max(0, time.GetUtcNow().ToUnixTimeMilliseconds() - since));

    /// <summary>Says since when records wait, in milliseconds since the Unix epoch; null when none do.</summary>
    public void Report(long? behindSinceMs) => Volatile.Write(ref _behindSinceMs, behindSinceMs ?? long.MaxValue);
}
