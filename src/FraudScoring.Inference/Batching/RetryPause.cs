namespace FraudScoring.Inference.Batching;

/// <summary>The pause before a failed operation is retried. Doubles with each consecutive failure, up to a limit.</summary>
internal sealed class RetryPause(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;
    private TimeSpan _pause;
    private long _since;

    public bool IsOver => TimeLeft == TimeSpan.Zero;

    public TimeSpan TimeLeft
    {
        get
        {
            var left = _pause - time.GetElapsedTime(_since);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void Begin()
    {
        (_pause, _since) = (_next, time.GetTimestamp());
        _next = _next * 2 < longest ? _next * 2 : longest;
    }

    /// <summary>After a success: the next pause is the shortest again.</summary>
    public void Reset() => _next = _first;
}
