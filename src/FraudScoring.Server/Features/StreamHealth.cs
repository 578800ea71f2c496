namespace FraudScoring.Server.Features;

/// <summary>
/// How far the profiles are behind a topic, which decides whether a payment's features count as stale. A property of the profiles in Redis,
/// whichever instances update them.
/// </summary>
internal sealed class StreamHealth(TimeProvider time)
{
    /// <summary>Lag that an up-to-date stream may show: consumers report once a second, and instances read that once a second.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromSeconds(3);

    // Until the first report nothing is known of the topic, so the lag counts from the start of the service.
    private long _appliedUntil = time.GetTimestamp();
    private long _remaining;
    private volatile bool _isReported, _hasReadUpToStart;

    /// <summary>
    /// Time since all records that existed were applied, in the partition that is furthest behind. Grows while no report arrives: what is
    /// not known must not look fresh.
    /// </summary>
    public TimeSpan Lag => time.GetElapsedTime(Volatile.Read(ref _appliedUntil));

    /// <summary>True if all records are applied, apart from those of the last seconds.</summary>
    public bool IsCaughtUp => _isReported && Lag < Resolution;

    /// <summary>True if all records that existed at a time are applied, as far as it is known.</summary>
    /// <param name="at">The time, as <see cref="TimeProvider.GetTimestamp"/> has it.</param>
    public bool HasApplied(long at) => _isReported && Volatile.Read(ref _appliedUntil) >= at;

    /// <summary>True once all records that existed when this service started are applied, whichever instance applied them.</summary>
    public bool HasReadUpToStart => _hasReadUpToStart;

    /// <summary>Number of records of this instance's partitions that are not applied yet.</summary>
    public long Remaining
    {
        get => Volatile.Read(ref _remaining);
        set => Volatile.Write(ref _remaining, value);
    }

    /// <summary>Reports the lag.</summary>
    /// <param name="at">When it was measured, as <see cref="TimeProvider.GetTimestamp"/> has it.</param>
    /// <param name="lag">The lag of the partition that is furthest behind.</param>
    /// <param name="hasReadUpToStart">True if all records that existed when this service started are applied.</param>
    public void Report(long at, TimeSpan lag, bool hasReadUpToStart)
    {
        Volatile.Write(ref _appliedUntil, at - (long)Math.Round(lag.TotalSeconds * time.TimestampFrequency));
        _hasReadUpToStart |= hasReadUpToStart;
        _isReported = true;
    }
}
