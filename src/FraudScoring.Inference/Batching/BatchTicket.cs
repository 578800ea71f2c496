using System.Threading.Tasks.Sources;

namespace FraudScoring.Inference.Batching;

/// <summary>Where a request stands.</summary>
internal enum TicketState
{
    /// <summary>In the pool, or being filled.</summary>
    Idle,
    /// <summary>In the queue.</summary>
    Waiting,
    /// <summary>In a batch that runs.</summary>
    Running,
    /// <summary>It has its answer, which its caller has not taken yet.</summary>
    Answered,
}

/// <summary>
/// A request in a <see cref="BatchQueue"/>: its features, and the source its caller awaits. Reused when its answer was taken. All but the
/// features is read and written under the queue's lock.
/// </summary>
internal sealed class BatchTicket : IValueTaskSource<BatchAnswer>
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    private readonly BatchQueue _queue;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _registration;
    private float[] _target = [];

    // Not readonly, and not a property: the struct changes itself. Callers go on in the thread pool, not on the lane's thread.
    private ManualResetValueTaskSourceCore<BatchAnswer> _source = new() { RunContinuationsAsynchronously = true };

    public BatchTicket(BatchQueue queue, int features, int members, TimeProvider time)
    {
        (_queue, Features, MemberMargins) = (queue, new float[features], new float[members]);
        // Without this the timer would hold on to the context of the request it was made in.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static ticket => ((BatchTicket)ticket!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public float[] Features { get; }

    public float[] MemberMargins { get; }

    public TicketState State { get; set; }

    /// <summary>Tells a request from the earlier ones that had this ticket.</summary>
    public uint Generation { get; set; }

    public long Deadline { get; set; }

    /// <summary>Place among all requests: of two with the same deadline the earlier goes first.</summary>
    public long Sequence { get; set; }

    public long EnqueuedAt { get; set; }

    /// <summary>Place in the queue's heap.</summary>
    public int HeapIndex { get; set; }

    /// <summary>What its caller awaits. To be asked for before anybody can answer.</summary>
    public ValueTask<BatchAnswer> Task => new(this, _source.Version);

    /// <summary>Takes the place the caller wants the members' margins in.</summary>
    public void Aim(float[] target) => _target = target;

    /// <summary>Answers at the latest when the deadline comes, or when the caller goes away.</summary>
    public void Watch(TimeSpan untilDeadline, CancellationToken cancellation)
    {
        Arm(untilDeadline);
        _registration = cancellation.UnsafeRegister(static ticket => ((BatchTicket)ticket!).Cancel(), this);
    }

    /// <summary>Looks again after a while. Timers count whole milliseconds, and round down; and there is a longest time they count to.</summary>
    public void Arm(TimeSpan delay) =>
        _timer.Change(delay < LongestDelay ? delay + TimeSpan.FromMilliseconds(1) : LongestDelay, Timeout.InfiniteTimeSpan);

    /// <summary>Gives the answer, once.</summary>
    public void Answer(BatchAnswer answer)
    {
        State = TicketState.Answered;
        _source.SetResult(answer);
    }

    BatchAnswer IValueTaskSource<BatchAnswer>.GetResult(short token)
    {
        var answer = _source.GetResult(token);
        // Waits for a callback that is under way: after this, nobody but the queue knows the ticket.
        _registration.Dispose();
        _registration = default;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (answer.Outcome == BatchOutcome.Scored)
        {
            MemberMargins.CopyTo(_target, 0);
        }
        _target = [];
        _source.Reset();
        _queue.Recycle(this);
        return answer;
    }

    ValueTaskSourceStatus IValueTaskSource<BatchAnswer>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<BatchAnswer>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Expire() => _queue.Expire(this);

    private void Cancel() => _queue.Withdraw(this, BatchOutcome.Cancelled);
}
