using System.Diagnostics;

namespace FraudScoring.Server.Resilience;

/// <summary>
/// Ends waits at their deadlines, on one thread for all of them.
/// </summary>
/// <remarks>
/// A timer per wait costs every payment three objects and two visits to the timers' locks, for a timeout that hardly ever comes; and timers
/// run on the thread pool, late when it is busy. Here a wait is an entry in a heap. One that has ended stays there until the thread next
/// wakes, which under load is once per limit.
/// </remarks>
internal sealed class WaitDeadlines : IDisposable
{
    private readonly object _gate = new();
    private readonly PriorityQueue<(BoundedWait Wait, int Number), long> _waits = new();
    private long _wakesAt = long.MaxValue;
    private bool _isStopped;

    public WaitDeadlines() => new Thread(Run) { IsBackground = true, Name = "wait deadlines" }.Start();

    /// <summary>Ends a wait when its time is over, unless it has ended before.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="number">Its number.</param>
    /// <param name="limit">The longest wait.</param>
    public void Add(BoundedWait wait, int number, TimeSpan limit)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);
        lock (_gate)
        {
            // Nobody ends waits after the end of the service.
            if (_isStopped)
            {
                wait.Expire(number);
                return;
            }
            _waits.Enqueue((wait, number), deadline);
            if (deadline < _wakesAt)
            {
                // So that waits that follow do not wake the thread again.
                _wakesAt = deadline;
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Ends all waits, and those that are still to come.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        lock (_gate)
        {
            while (!_isStopped)
            {
                EndOverdue(Stopwatch.GetTimestamp());
                _wakesAt = _waits.TryPeek(out _, out var next) ? next : long.MaxValue;
                Monitor.Wait(_gate, next == 0 ? Timeout.InfiniteTimeSpan : TimeUntil(next));
            }
            EndOverdue(long.MaxValue);
        }
    }

    private void EndOverdue(long now)
    {
        while (_waits.TryPeek(out var first, out var deadline) && (deadline <= now || !first.Wait.IsPending(first.Number)))
        {
            _waits.Dequeue();
            first.Wait.Expire(first.Number);
        }
    }

    // A millisecond more, because a wait of the system is cut to whole ones, and would end shortly before the deadline.
    private static TimeSpan TimeUntil(long deadline) =>
        Stopwatch.GetElapsedTime(Math.Min(Stopwatch.GetTimestamp(), deadline), deadline) + TimeSpan.FromMilliseconds(1);
}
