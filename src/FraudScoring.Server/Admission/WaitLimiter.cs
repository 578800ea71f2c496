namespace FraudScoring.Server.Admission;

/// <summary>
/// Decides by the time that requests have waited whether the service is overloaded, and which requests to refuse until it is no longer.
/// Used by many threads at the same time.
/// </summary>
/// <remarks>
/// This is CoDel for requests: K. Nichols and V. Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012, in the form of B. Maurer,
/// "Fail at Scale", ACM Queue 13(8), 2015. A queue that is empty now and then is harmless, however long a burst or a pause makes it. One in
/// which even the shortest wait of an interval exceeds the target is never empty: requests arrive faster than they are answered. It does
/// not have to know how many requests the machine can answer, so it needs no adjustment to the number of processors or the speed of Redis.
/// </remarks>
/// <param name="target">The longest wait, in ticks of the clock, that every interval should have.</param>
/// <param name="interval">The length of an interval, in ticks of the clock.</param>
internal sealed class WaitLimiter(long target, long interval)
{
    private const int IntervalsKept = 10;

    private long _intervalEnd = long.MinValue;
    private long _shortestWait;
    private long _overloadedSince, _overloadedUntil = long.MinValue;
    private volatile bool _isOverloaded, _isUnderPressure;

    /// <summary>Whether requests arrive faster than they are answered.</summary>
    /// <param name="now">The current time, in ticks of the clock.</param>
    public bool IsOverloaded(long now) => _isOverloaded && now < Volatile.Read(ref _intervalEnd) + interval;

    /// <summary>
    /// Whether requests arrived faster than they are answered within the last ten intervals. What is done against an overload may end the
    /// waiting before it ends the overload.
    /// </summary>
    /// <param name="now">The current time, in ticks of the clock.</param>
    public bool WasOverloaded(long now) => now < Volatile.Read(ref _overloadedUntil);

    /// <summary>Whether the shortest wait is more than half the target, so that an overload is near.</summary>
    /// <param name="now">The current time, in ticks of the clock.</param>
    public bool IsUnderPressure(long now) => _isUnderPressure && now < Volatile.Read(ref _intervalEnd) + interval;

    /// <summary>How long the service has been overloaded; 0 if it is not.</summary>
    /// <param name="now">The current time, in ticks of the clock.</param>
    public long OverloadedFor(long now) => IsOverloaded(now) ? now - Volatile.Read(ref _overloadedSince) : 0;

    /// <summary>Records the wait of a request.</summary>
    /// <param name="now">The current time, in ticks of the clock.</param>
    /// <param name="wait">The time since the request arrived.</param>
    /// <param name="tolerance">The wait that is tolerated under overload.</param>
    /// <returns>True if the request is to be refused.</returns>
    public bool MustRefuse(long now, long wait, long tolerance)
    {
        var end = Volatile.Read(ref _intervalEnd);
        if (now >= end && Interlocked.CompareExchange(ref _intervalEnd, now + interval, end) == end)
        {
            var shortest = Interlocked.Exchange(ref _shortestWait, wait);
            // An interval without any request says that nothing waits.
            var isOverloaded = shortest > target && now - end < interval;
            if (isOverloaded && !_isOverloaded)
            {
                Volatile.Write(ref _overloadedSince, now);
            }
            if (isOverloaded)
            {
                Volatile.Write(ref _overloadedUntil, now + (IntervalsKept * interval));
            }
            _isOverloaded = isOverloaded;
            _isUnderPressure = shortest > target / 2 && now - end < interval;
            return false;
        }
        Least.Lower(ref _shortestWait, wait);
        return _isOverloaded && wait > tolerance;
    }
}
