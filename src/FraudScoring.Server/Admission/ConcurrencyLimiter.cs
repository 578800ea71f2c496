namespace FraudScoring.Server.Admission;

/// <summary>
/// Derives from the payments that have ended how many can be scored at the same time under overload without waiting for each other too
/// long. Used by many threads at the same time.
/// </summary>
/// <remarks>
/// Little's law: of payments that take S when nothing waits, and of which R end per second, R × (S + Q) are in flight when each waits for
/// Q. R is the highest throughput and S the shortest duration of the last second, so the limit neither falls because it is in force, nor
/// counts a slow Redis as waiting. J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9(3), 1961.
/// </remarks>
/// <param name="queueing">The time that payments may wait while they are scored, in ticks of the clock.</param>
/// <param name="slot">A tenth of the time that is looked back on, in ticks of the clock.</param>
/// <param name="least">The lowest limit.</param>
/// <param name="most">The highest limit. There is none before the first tenth has passed.</param>
internal sealed class ConcurrencyLimiter(long queueing, long slot, int least, int most)
{
    private const int Slots = 10;

    private readonly (double PerTick, long Shortest)[] _past = [.. Enumerable.Repeat((0.0, long.MaxValue), Slots)];
    private long _slotEnd = long.MinValue, _shortest = long.MaxValue;
    private int _ended, _next, _limit = int.MaxValue;

    /// <summary>The payments that can be in flight.</summary>
    public int Limit => Volatile.Read(ref _limit);

    /// <summary>Records the end of a payment.</summary>
    /// <param name="now">The current time, in ticks of the clock.</param>
    /// <param name="took">The time since it was taken.</param>
    public void End(long now, long took)
    {
        Interlocked.Increment(ref _ended);
        Least.Lower(ref _shortest, took);
        var end = Volatile.Read(ref _slotEnd);
        if (now >= end && Interlocked.CompareExchange(ref _slotEnd, now + slot, end) == end)
        {
            var (ended, least) = (Interlocked.Exchange(ref _ended, 0), Interlocked.Exchange(ref _shortest, long.MaxValue));
            if (end != long.MinValue)
            {
                Update(ended / (double)(now - end + slot), least);
            }
        }
    }

    // Slots are long, so that nobody else is here at the same time.
    private void Update(double perTick, long shortest)
    {
        _past[_next] = (perTick, shortest);
        _next = (_next + 1) % Slots;
        var (throughput, duration) = (0.0, long.MaxValue);
        foreach (var past in _past)
        {
            (throughput, duration) = (Math.Max(throughput, past.PerTick), Math.Min(duration, past.Shortest));
        }
        Volatile.Write(ref _limit, (int)Math.Clamp(throughput * (duration + queueing), Math.Min(least, most), most));
    }
}
