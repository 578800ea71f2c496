using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Keeps payments from waiting for a Redis that is connected but silent.</summary>
/// <remarks>
/// <code>
///            timeouts in a row, and long silence              pause over
///   Closed ─────────────────────────────────────► Open ─────────────────────► HalfOpen
///     ▲                                             ▲                            │ │
///     │                                             └───── no answer in time ────┘ │
///     └─────────────────────────────── answer in time ─────────────────────────────┘
/// </code>
/// <para>
/// What opens it is the length of a silence, not a number of failures: a pause of Redis or of this process makes all reads of that moment
/// time out, however many there are. Only a timeout of a read that was sent after the previous one timed out is further evidence. The
/// circuit of models and devices in FraudScoring.Inference counts failures, and lets a request be the probe. Here that request would wait
/// for nothing; so this one probes by itself, one probe at a time, also without traffic. Polly's would allocate for each payment.
/// </para>
/// <para>Closed, it costs a payment two reads of a field.</para>
/// </remarks>
/// <param name="limit">Time in which an answer is expected.</param>
/// <param name="probe">Sends a small read.</param>
/// <param name="changed">Receives true when the breaker opens, false when it closes.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Ends the probes.</param>
internal sealed class RedisBreaker(
    TimeSpan limit, Func<Task> probe, Action<bool> changed, TimeProvider time, CancellationToken stopping)
{
    private const int TimeoutsToOpen = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromMilliseconds(500);

    // A breaker that opens again within this time goes on with longer pauses: reads that are just too slow must not keep payments waiting.
    private static readonly TimeSpan Probation = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private volatile bool _isOpen;
    private int _timeouts;
    private long _silentSince, _countedAt;
    private TimeSpan _pause = FirstPause;
    private long? _closedAt;

    /// <summary>True while reads are to be skipped.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Reports a read at the end of its wait.</summary>
    /// <param name="read">The read; a timeout if it is not completed.</param>
    /// <param name="sentAt">Timestamp from before it was sent.</param>
    public void Record(Task read, long sentAt)
    {
        if (!read.IsCompleted)
        {
            RecordTimeout(sentAt);
            FollowLate(read, sentAt);
        }
        // The usual case only reads the field, so that threads do not contend for the cache line.
        else if (Volatile.Read(ref _timeouts) != 0 && IsAnswer(read))
        {
            Volatile.Write(ref _timeouts, 0);
        }
    }

    private void RecordTimeout(long sentAt)
    {
        lock (_gate)
        {
            if (_isOpen || (Volatile.Read(ref _timeouts) > 0 && sentAt < _countedAt))
            {
                return;
            }
            _countedAt = time.GetTimestamp();
            // Interlocked in spite of the lock, because answers reset the count without it.
            var timeouts = Interlocked.Increment(ref _timeouts);
            _silentSince = timeouts == 1 ? sentAt : _silentSince;
            if (timeouts < TimeoutsToOpen || time.GetElapsedTime(_silentSince, _countedAt) < TimeoutsToOpen * limit)
            {
                return;
            }
            var isOnProbation = _closedAt is { } closed && time.GetElapsedTime(closed, _countedAt) < Probation;
            _pause = isOnProbation ? Longer(_pause) : FirstPause;
            _isOpen = true;
        }
        changed(true);
        // The probes are not part of the payment that opened the breaker, nor of its trace.
        using (ExecutionContext.SuppressFlow())
        {
            _ = ProbeAsync();
        }
    }

    // A payment with little time left abandons a read that is answered in time.
    private void FollowLate(Task read, long sentAt) => read.ContinueWith(
        late =>
        {
            if (IsAnswer(late) && time.GetElapsedTime(sentAt) <= limit)
            {
                Volatile.Write(ref _timeouts, 0);
            }
        },
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task ProbeAsync()
    {
        var sent = Task.CompletedTask;
        do
        {
            await Task.Delay(_pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pause = Longer(_pause);
        }
        while (!stopping.IsCancellationRequested && !await IsAnsweredAsync());
        if (!stopping.IsCancellationRequested)
        {
            Close();
        }

        async Task<bool> IsAnsweredAsync()
        {
            // One that is still unanswered stays the only one. When its answer comes, it is late, and the next is sent.
            var isNew = sent.IsCompleted;
            sent = isNew ? SendProbe() : sent;
            await sent.WaitAsync(limit, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return IsAnswer(sent) && isNew;
        }
    }

    private Task SendProbe()
    {
        try
        {
            return probe();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is: reads would be skipped for ever without another probe.
            return Task.FromException(e);
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            (_timeouts, _closedAt, _isOpen) = (0, time.GetTimestamp(), false);
        }
        changed(false);
    }

    // An error of Redis itself is an answer. One of the connection says nothing: without a connection, no payment waits.
    private static bool IsAnswer(Task read) =>
        read.IsCompletedSuccessfully || read.Exception?.InnerException is RedisServerException;

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
