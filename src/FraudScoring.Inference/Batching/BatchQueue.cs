namespace FraudScoring.Inference.Batching;

/// <summary>A request in a batch. Tickets are reused; the generation says which request of the ticket is meant.</summary>
internal readonly record struct BatchEntry(BatchTicket Ticket, uint Generation, long EnqueuedAt);

/// <summary>
/// The requests that wait for a lane. Requests that arrive during a run form the next batch. Every request gets exactly one answer, by its
/// deadline at the latest, even when the device hangs.
/// </summary>
/// <remarks>
/// <para>
/// Order: earliest deadline first. In order of arrival, a request with little time left would expire behind others that can wait. Nothing
/// starves, since a waiting request only gets closer to its deadline, where it is answered in any case.
/// </para>
/// <para>
/// Overflow: once <see cref="BatchSettings.QueueCapacity"/> requests wait, the next one is answered <see cref="BatchOutcome.QueueFull"/>
/// immediately. Making the caller wait for room would use up its deadline, and displacing a queued request would waste the time it has
/// waited.
/// </para>
/// <para>
/// One batch is in flight at a time. A lane has one set of buffers, which recorded runs are bound to, so a second batch in flight would
/// need a second lane and its memory, and would split the waiting requests into smaller batches. The cost: copies do not overlap with runs.
/// </para>
/// <para>Requests allocate nothing once there are as many tickets as concurrent requests.</para>
/// </remarks>
internal sealed class BatchQueue
{
    private readonly object _gate = new();
    private readonly BatchSettings _settings;
    private readonly int _features, _members;
    private readonly TimeProvider _time;
    private readonly DeadlineHeap _waiting;
    private readonly Stack<BatchTicket> _idle = new();
    private long _sequence;
    private long _waitingSince;
    private int _outstanding;
    private int _reserved;
    private bool _isStopped;

    public BatchQueue(BatchSettings settings, int features, int members, TimeProvider time)
    {
        (_settings, _features, _members, _time) = (settings, features, members, time);
        _waiting = new DeadlineHeap(settings.QueueCapacity);
    }

    /// <summary>Requests that wait, including those whose features are still being copied.</summary>
    public int Length => Volatile.Read(ref _reserved);

    /// <summary>Requests without an answer, waiting or running.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Tickets in the pool; for tests.</summary>
    internal int IdleTickets
    {
        get
        {
            lock (_gate)
            {
                return _idle.Count;
            }
        }
    }

    /// <summary>Requests a score for one row.</summary>
    /// <param name="row">The row. Its features are copied before this method returns.</param>
    /// <param name="columns">For each feature of the graph, its index in the row.</param>
    /// <param name="memberMargins">Receives the members' margins when the answer is awaited; not written to afterwards.</param>
    /// <param name="deadline">Time stamp at which the caller no longer needs an answer.</param>
    /// <param name="cancellation">Cancelled when the caller gives up.</param>
    public ValueTask<BatchAnswer> EnqueueAsync(
        ReadOnlySpan<float> row, ReadOnlySpan<int> columns, float[] memberMargins, long deadline, CancellationToken cancellation)
    {
        if (!TryRent(out var ticket, out var refusal))
        {
            return new ValueTask<BatchAnswer>(new BatchAnswer(refusal));
        }
        // Copied outside of the lock: the reserved place counts against the capacity already, and no batch can hold this request yet.
        for (var i = 0; i < columns.Length; i++)
        {
            ticket.Features[i] = row[columns[i]];
        }
        ticket.CopyMarginsTo(memberMargins);
        var answer = ticket.Task;
        var now = Admit(ticket, deadline);
        // The request may be answered by now, but its ticket cannot be reused: only the caller reads the answer, and has no task yet.
        ticket.Watch(deadline <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, deadline), cancellation);
        return answer;
    }

    /// <summary>Answers the waiting requests and refuses new ones. Running requests are answered when their run ends.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            while (_waiting.Count > 0)
            {
                Answer(Dequeue(_waiting.First), BatchOutcome.Stopped);
            }
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks until a request waits, or until the time is over.</summary>
    /// <returns>False once the queue is stopped.</returns>
    public bool Wait(TimeSpan longest)
    {
        lock (_gate)
        {
            if (!_isStopped && _waiting.Count == 0)
            {
                // Not in a loop: after the timeout the lane tries a failed device again, and taking an empty batch does no harm.
                Monitor.Wait(_gate, longest);
            }
            return !_isStopped;
        }
    }

    /// <summary>True when the next batch should not wait for more requests.</summary>
    public bool IsBatchDue
    {
        get
        {
            lock (_gate)
            {
                return _isStopped || _waiting.Count == 0 || _waiting.Count >= _settings.MaxRows
                    || _time.GetElapsedTime(_waitingSince) >= _settings.MaxDelay;
            }
        }
    }

    /// <summary>
    /// Takes the next batch, earliest deadline first. A request that would miss its deadline even if run alone is answered instead. The
    /// batch stops growing where its run would take too long for its first request, which has the earliest deadline.
    /// </summary>
    /// <param name="batch">Receives the batch.</param>
    /// <param name="estimate">How long runs take.</param>
    /// <returns>The number of requests in the batch.</returns>
    public int Take(Span<BatchEntry> batch, RunEstimate estimate)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var (count, hopeless) = (0, 0);
            while (_waiting.Count > 0 && count < batch.Length)
            {
                var next = _waiting.First;
                if (count == 0 && now + estimate.TicksFor(1) > next.Deadline)
                {
                    hopeless += next.Deadline > now ? 1 : 0;
                    Answer(Dequeue(next), BatchOutcome.DeadlineMissed);
                    continue;
                }
                if (count > 0 && now + estimate.TicksFor(count + 1) > batch[0].Ticket.Deadline)
                {
                    break;
                }
                Dequeue(next).State = TicketState.Running;
                batch[count++] = new BatchEntry(next, next.Generation, next.EnqueuedAt);
            }
            if (count == 0 && hopeless > 0)
            {
                // All were refused because of the estimate alone. If it is too high, no run would ever correct it.
                estimate.Relax();
            }
            _waitingSince = now;
            return count;
        }
    }

    /// <summary>Answers a request of a batch that has run, unless its deadline or its caller came first.</summary>
    public void Complete(in BatchEntry entry, BatchAnswer answer, ReadOnlySpan<float> memberMargins)
    {
        lock (_gate)
        {
            // A run can end after the deadline: the ticket is then answered, or even holds a later request.
            if (entry.Ticket.Generation == entry.Generation && entry.Ticket.State == TicketState.Running)
            {
                memberMargins.CopyTo(entry.Ticket.MemberMargins);
                Answer(entry.Ticket, answer);
            }
        }
    }

    /// <summary>Called by the timer of a request, whose deadline may have passed.</summary>
    internal void Expire(BatchTicket ticket)
    {
        lock (_gate)
        {
            if (ticket.State is not (TicketState.Waiting or TicketState.Running))
            {
                return;
            }
            // Possibly a late timer of the previous request with this ticket, or of a deadline beyond the longest delay.
            var now = _time.GetTimestamp();
            if (now < ticket.Deadline)
            {
                ticket.Arm(_time.GetElapsedTime(now, ticket.Deadline));
                return;
            }
            Withdraw(ticket, BatchOutcome.DeadlineMissed);
        }
    }

    /// <summary>Answers a waiting or running request without a score.</summary>
    internal void Withdraw(BatchTicket ticket, BatchOutcome outcome)
    {
        lock (_gate)
        {
            if (ticket.State == TicketState.Waiting)
            {
                Dequeue(ticket);
            }
            else if (ticket.State != TicketState.Running)
            {
                return;
            }
            Answer(ticket, outcome);
        }
    }

    /// <summary>Returns a ticket to the pool once its caller has the answer.</summary>
    internal void Recycle(BatchTicket ticket)
    {
        lock (_gate)
        {
            ticket.State = TicketState.Idle;
            ticket.Generation++;
            _idle.Push(ticket);
        }
    }

    private bool TryRent(out BatchTicket ticket, out BatchOutcome refusal)
    {
        lock (_gate)
        {
            refusal = _isStopped ? BatchOutcome.Stopped : BatchOutcome.QueueFull;
            if (_isStopped || _reserved >= _settings.QueueCapacity)
            {
                ticket = null!;
                return false;
            }
            _reserved++;
            _outstanding++;
            if (!_idle.TryPop(out ticket!))
            {
                ticket = new BatchTicket(this, _features, _members, _time);
            }
            return true;
        }
    }

    private long Admit(BatchTicket ticket, long deadline)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            (ticket.Deadline, ticket.EnqueuedAt, ticket.Sequence) = (deadline, now, _sequence++);
            if (_waiting.Count == 0)
            {
                _waitingSince = now;
            }
            _waiting.Push(ticket);
            ticket.State = TicketState.Waiting;
            // Stopped since the reservation: Stop has not seen this request.
            if (_isStopped)
            {
                Answer(Dequeue(ticket), BatchOutcome.Stopped);
            }
            Monitor.Pulse(_gate);
            return now;
        }
    }

    private BatchTicket Dequeue(BatchTicket ticket)
    {
        _waiting.Remove(ticket);
        _reserved--;
        return ticket;
    }

    private void Answer(BatchTicket ticket, BatchOutcome outcome) => Answer(ticket, new BatchAnswer(outcome));

    private void Answer(BatchTicket ticket, BatchAnswer answer)
    {
        _outstanding--;
        ticket.Answer(answer);
    }
}
