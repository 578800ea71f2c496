namespace FraudScoring.Inference.Batching;

/// <summary>When something that failed is tried again: after a pause that doubles with each failure in a row.</summary>
internal sealed class RetryPause(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;
    private TimeSpan _pause;
    private long _since;

    /// <summary>The pause is over.</summary>
    public bool IsDue => TimeLeft == TimeSpan.Zero;

    /// <summary>What is left of the pause.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var left = _pause - time.GetElapsedTime(_since);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Begins a pause.</summary>
    public void Failed()
    {
        (_pause, _since) = (_next, time.GetTimestamp());
        _next = _next * 2 < longest ? _next * 2 : longest;
    }

    /// <summary>The next pause is a short one again.</summary>
    public void Succeeded() => _next = _first;
}
