using System.Threading.Tasks.Sources;

namespace FraudScoring.Inference.Batching;

internal enum TicketState
{
    /// <summary>In the pool, or its features are being copied.</summary>
    Idle,
    /// <summary>In the queue.</summary>
    Waiting,
    /// <summary>In a batch that runs.</summary>
    Running,
    /// <summary>Answered; the caller has not read the answer yet.</summary>
    Answered,
}

/// <summary>
/// A request in a <see cref="BatchQueue"/>: its features, and the source that its caller awaits. Reused once the answer has been read.
/// Everything but the features is read and written under the queue's lock.
/// </summary>
internal sealed class BatchTicket : IValueTaskSource<BatchAnswer>
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    private readonly BatchQueue _queue;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _registration;
    private float[] _target = [];

    // Not readonly and not a property: the struct mutates itself. Continuations run on the thread pool, so that they cannot delay the lane.
    private ManualResetValueTaskSourceCore<BatchAnswer> _source = new() { RunContinuationsAsynchronously = true };

    public BatchTicket(BatchQueue queue, int features, int members, TimeProvider time)
    {
        (_queue, Features, MemberMargins) = (queue, new float[features], new float[members]);
        // Without this, the timer would keep the execution context of the request that created it alive.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(
                static ticket => ((BatchTicket)ticket!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public float[] Features { get; }

    public float[] MemberMargins { get; }

    public TicketState State { get; set; }

    /// <summary>Distinguishes a request from earlier ones with the same ticket.</summary>
    public uint Generation { get; set; }

    public long Deadline { get; set; }

    /// <summary>Order of arrival, which decides between equal deadlines.</summary>
    public long Sequence { get; set; }

    public long EnqueuedAt { get; set; }

    /// <summary>Index in the queue's heap.</summary>
    public int HeapIndex { get; set; }

    /// <summary>What the caller awaits. Must be read before the ticket can be answered.</summary>
    public ValueTask<BatchAnswer> Task => new(this, _source.Version);

    public void CopyMarginsTo(float[] target) => _target = target;

    /// <summary>Answers the request when its deadline passes or its caller cancels it, if nothing has by then.</summary>
    public void Watch(TimeSpan untilDeadline, CancellationToken cancellation)
    {
        Arm(untilDeadline);
        _registration = cancellation.UnsafeRegister(static ticket => ((BatchTicket)ticket!).Cancel(), this);
    }

    /// <summary>Calls <see cref="BatchQueue.Expire"/> after a delay.</summary>
    /// <remarks>
    /// Timers round down to whole milliseconds: the extra one avoids a call just before the deadline. They also have a longest delay; for a
    /// later deadline the queue arms the timer again.
    /// </remarks>
    public void Arm(TimeSpan delay) =>
        _timer.Change(delay < LongestDelay ? delay + TimeSpan.FromMilliseconds(1) : LongestDelay, Timeout.InfiniteTimeSpan);

    public void Answer(BatchAnswer answer)
    {
        State = TicketState.Answered;
        _source.SetResult(answer);
    }

    BatchAnswer IValueTaskSource<BatchAnswer>.GetResult(short token)
    {
        var answer = _source.GetResult(token);
        // Waits for a running callback: after this, only the queue refers to the ticket.
        _registration.Dispose();
        _registration = default;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        // Copied while the caller awaits: a run that ends after the deadline must not write to an array that is in use again.
        if (answer.Outcome == BatchOutcome.Scored)
        {
            MemberMargins.CopyTo(_target, 0);
        }
        _target = [];
        // Everything is reset before Recycle: from then on another request may rent the ticket.
        _source.Reset();
        _queue.Recycle(this);
        return answer;
    }

    ValueTaskSourceStatus IValueTaskSource<BatchAnswer>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<BatchAnswer>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Expire() => _queue.Expire(this);

    private void Cancel() => _queue.Withdraw(this, BatchOutcome.Cancelled);
}
