using System.Threading.Tasks.Sources;

namespace FraudScoring.Server.Resilience;

/// <summary>
/// A wait for a task, at most for some time. Reused for one wait after another, without an allocation, until one has expired: the abandoned
/// task would otherwise end a later wait.
/// </summary>
internal sealed class BoundedWait : IValueTaskSource
{
    private readonly WaitDeadlines _deadlines;
    private readonly Action _completed;
    private ManualResetValueTaskSourceCore<bool> _source;
    private int _number, _pending;

    public BoundedWait(WaitDeadlines deadlines) => (_deadlines, _completed) = (deadlines, () => End(_number));

    /// <summary>True once a wait has expired. The object must then not be used any more.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>Completes without an error when the task has completed, in whatever way, or the time is over.</summary>
    public ValueTask WaitAsync(Task task, TimeSpan limit)
    {
        _source.Reset();
        var number = ++_number;
        Volatile.Write(ref _pending, number);
        var wait = new ValueTask(this, _source.Version);
        _deadlines.Add(this, number, limit);
        // A continuation without a context is stored as it is.
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_completed);
        return wait;
    }

    /// <summary>True while a wait has not ended.</summary>
    internal bool IsPending(int number) => Volatile.Read(ref _pending) == number;

    /// <summary>Ends a wait whose time is over.</summary>
    internal void Expire(int number)
    {
        if (TryEnd(number))
        {
            HasExpired = true;
            // What follows the wait must not run on the thread that watches the deadlines.
            _source.RunContinuationsAsynchronously = true;
            _source.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void End(int number)
    {
        if (TryEnd(number))
        {
            _source.SetResult(true);
        }
    }

    private bool TryEnd(int number) => Interlocked.CompareExchange(ref _pending, 0, number) == number;
}
