namespace FraudScoring.Inference.Batching;

/// <summary>The pause before something that failed is tried again. It doubles with each failure in a row, up to a limit.</summary>
internal sealed class RetryPause(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;
    private TimeSpan _pause;
    private long _since;

    /// <summary>The pause is over.</summary>
    public bool IsOver => TimeLeft == TimeSpan.Zero;

    /// <summary>What is left of the pause.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var left = _pause - time.GetElapsedTime(_since);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Begins a pause after a failure.</summary>
    public void Begin()
    {
        (_pause, _since) = (_next, time.GetTimestamp());
        _next = _next * 2 < longest ? _next * 2 : longest;
    }

    /// <summary>After a success the next pause is the shortest again.</summary>
    public void Reset() => _next = _first;
}
