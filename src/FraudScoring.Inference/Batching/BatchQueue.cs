namespace FraudScoring.Inference.Batching;

/// <summary>A place in a batch: a ticket, and which of its requests it is.</summary>
internal readonly record struct BatchEntry(BatchTicket Ticket, uint Generation, long EnqueuedAt);

/// <summary>
/// Requests that wait for a lane. What comes while a run is in flight forms the next batch, the earliest deadline first; nothing waits for
/// company unless it was told to. Every request gets exactly one answer, at its deadline at the latest, even when the device hangs.
/// </summary>
/// <remarks>Requests allocate nothing once as many tickets exist as are waited for at a time.</remarks>
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

    /// <summary>How many requests wait.</summary>
    public int Length => Volatile.Read(ref _reserved);

    /// <summary>How many requests have no answer yet.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Tickets that were made, and are not in use.</summary>
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

    /// <summary>Asks for a score of one row.</summary>
    /// <param name="row">A row; features are taken out of it before this returns.</param>
    /// <param name="columns">Which of its values are the graph's features.</param>
    /// <param name="memberMargins">Gets the members' margins when the answer is taken, and not after.</param>
    /// <param name="deadline">Time stamp at which an answer is no longer of use.</param>
    /// <param name="cancellation">The caller goes away.</param>
    public ValueTask<BatchAnswer> EnqueueAsync(
        ReadOnlySpan<float> row, ReadOnlySpan<int> columns, float[] memberMargins, long deadline, CancellationToken cancellation)
    {
        if (!TryRent(out var ticket, out var refusal))
        {
            return new ValueTask<BatchAnswer>(new BatchAnswer(refusal));
        }
        for (var i = 0; i < columns.Length; i++)
        {
            ticket.Features[i] = row[columns[i]];
        }
        ticket.Aim(memberMargins);
        var answer = ticket.Task;
        var now = Admit(ticket, deadline);
        ticket.Watch(deadline <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, deadline), cancellation);
        return answer;
    }

    /// <summary>Answers what waits, and takes nothing more. What runs gets its answer when the run ends.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            while (_waiting.Count > 0)
            {
                Answer(Leave(_waiting.First), BatchOutcome.Stopped);
            }
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks until requests wait, or for so long.</summary>
    /// <returns>False when the queue was stopped.</returns>
    public bool Wait(TimeSpan longest)
    {
        lock (_gate)
        {
            if (!_isStopped && _waiting.Count == 0)
            {
                Monitor.Wait(_gate, longest);
            }
            return !_isStopped;
        }
    }

    /// <summary>Whether the next batch should wait for company no longer.</summary>
    public bool IsRipe
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
    /// Takes the next batch, the earliest deadline first. A request that would miss its deadline is answered instead, and none is taken
    /// that would make the batch too slow for its first.
    /// </summary>
    /// <param name="batch">Room for the batch.</param>
    /// <param name="estimate">How long runs take.</param>
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
                    Answer(Leave(next), BatchOutcome.DeadlineMissed);
                    continue;
                }
                if (count > 0 && now + estimate.TicksFor(count + 1) > batch[0].Ticket.Deadline)
                {
                    break;
                }
                Leave(next).State = TicketState.Running;
                batch[count++] = new BatchEntry(next, next.Generation, next.EnqueuedAt);
            }
            if (count == 0 && hopeless > 0)
            {
                estimate.Relax();
            }
            _waitingSince = now;
            return count;
        }
    }

    /// <summary>Answers a request of a batch that ran, unless it has had its answer.</summary>
    public void Complete(in BatchEntry entry, BatchAnswer answer, ReadOnlySpan<float> memberMargins)
    {
        lock (_gate)
        {
            if (entry.Ticket.Generation == entry.Generation && entry.Ticket.State == TicketState.Running)
            {
                memberMargins.CopyTo(entry.Ticket.MemberMargins);
                Answer(entry.Ticket, answer);
            }
        }
    }

    /// <summary>The timer of a request: its deadline may have come.</summary>
    internal void Expire(BatchTicket ticket)
    {
        lock (_gate)
        {
            if (ticket.State is not (TicketState.Waiting or TicketState.Running))
            {
                return;
            }
            // It may be the timer of the request before, which had the same ticket.
            var now = _time.GetTimestamp();
            if (now < ticket.Deadline)
            {
                ticket.Arm(_time.GetElapsedTime(now, ticket.Deadline));
                return;
            }
            Withdraw(ticket, BatchOutcome.DeadlineMissed);
        }
    }

    /// <summary>Answers a request that waits or runs without a score.</summary>
    internal void Withdraw(BatchTicket ticket, BatchOutcome outcome)
    {
        lock (_gate)
        {
            if (ticket.State == TicketState.Waiting)
            {
                Leave(ticket);
            }
            else if (ticket.State != TicketState.Running)
            {
                return;
            }
            Answer(ticket, outcome);
        }
    }

    /// <summary>Takes a ticket back whose answer was taken.</summary>
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
            if (_isStopped)
            {
                Answer(Leave(ticket), BatchOutcome.Stopped);
            }
            Monitor.Pulse(_gate);
            return now;
        }
    }

    private BatchTicket Leave(BatchTicket ticket)
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
