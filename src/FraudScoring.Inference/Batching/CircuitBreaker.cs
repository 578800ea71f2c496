namespace FraudScoring.Inference.Batching;

/// <summary>
/// The state machine for everything that may fail and is tried again: a model under quarantine, a device used in addition to the CPU.
/// </summary>
/// <remarks>
/// <code>
///              failures in a row                    pause over
///   Closed ──────────────────────► Open ──────────────────────────► HalfOpen
///     ▲                             ▲      ◄──── probe released ────    │ │
///     │                             └────────── probe failed ───────────┘ │
///     └──────────────────────────── probe succeeded ──────────────────────┘
/// </code>
/// <see cref="CircuitState.Refused"/> can be entered from any state and is final.
/// <para>
/// While the circuit is open, the first run after the pause is admitted as the probe; all others are refused until it ends. Admitting
/// more would expose more requests to something that is probably still broken. Each probe has a number: a late or repeated report of one
/// probe cannot end the next. A probe released without an outcome, such as a cancelled run, does not restart the pause.
/// </para>
/// </remarks>
internal sealed class CircuitBreaker
{
    /// <summary>The probe number of an ordinary run.</summary>
    public const int NoProbe = 0;

    private readonly Lock _gate = new();
    private readonly RetryPause _pause;
    private readonly int _failuresToOpen;
    private int _state;
    private int _failuresInRow;
    private int _probe;

    /// <param name="failuresToOpen">Consecutive failures that open a closed circuit.</param>
    /// <param name="pause">How long the circuit stays open.</param>
    public CircuitBreaker(int failuresToOpen, RetryPause pause) => (_failuresToOpen, _pause) = (failuresToOpen, pause);

    public CircuitState State => (CircuitState)Volatile.Read(ref _state);

    /// <summary>Time until a probe is due: zero if it is due now, infinite unless the circuit is open.</summary>
    public TimeSpan TimeToProbe
    {
        get
        {
            lock (_gate)
            {
                return State == CircuitState.Open ? _pause.TimeLeft : Timeout.InfiniteTimeSpan;
            }
        }
    }

    /// <summary>A circuit whose first run is a probe, for something that has never run.</summary>
    /// <param name="pause">How long the circuit stays open after a failure.</param>
    /// <param name="probe">The number of that probe.</param>
    public static CircuitBreaker CreateHalfOpen(RetryPause pause, out int probe)
    {
        var breaker = new CircuitBreaker(1, pause);
        probe = breaker.BeginProbe();
        return breaker;
    }

    /// <summary>Requests admission for a run.</summary>
    /// <param name="probe">Number of the probe, or <see cref="NoProbe"/>; to be passed to the method that reports the outcome.</param>
    /// <returns>False when the run is not admitted.</returns>
    public bool TryEnter(out int probe)
    {
        probe = NoProbe;
        // Without the lock: a run that slips in while the circuit opens does no harm, since its failure no longer counts.
        if (State == CircuitState.Closed)
        {
            return true;
        }
        lock (_gate)
        {
            if (State == CircuitState.Open && _pause.IsOver)
            {
                probe = BeginProbe();
            }
            // Another thread's probe may have closed the circuit since the check above.
            return probe != NoProbe || State == CircuitState.Closed;
        }
    }

    /// <summary>Reports that a run succeeded.</summary>
    /// <returns>True when that closed the circuit.</returns>
    public bool RecordSuccess(int probe)
    {
        if (probe == NoProbe)
        {
            // The usual case: only a read, so that threads do not contend for the cache line.
            if (Volatile.Read(ref _failuresInRow) != 0)
            {
                Volatile.Write(ref _failuresInRow, 0);
            }
            return false;
        }
        lock (_gate)
        {
            if (!IsOut(probe))
            {
                return false;
            }
            _failuresInRow = 0;
            _pause.Reset();
            Change(CircuitState.Closed);
            return true;
        }
    }

    /// <summary>Reports that a run failed.</summary>
    /// <returns>True when that opened a closed circuit.</returns>
    public bool RecordFailure(int probe)
    {
        lock (_gate)
        {
            if (probe != NoProbe)
            {
                if (IsOut(probe))
                {
                    Open();
                }
                return false;
            }
            // A run admitted before the circuit opened adds no information.
            // Interlocked in spite of the lock, because successes reset the count without it.
            if (State != CircuitState.Closed || Interlocked.Increment(ref _failuresInRow) < _failuresToOpen)
            {
                return false;
            }
            Open();
            return true;
        }
    }

    /// <summary>Reports that a run ended without an outcome. If it was the probe, the next run becomes the probe.</summary>
    public void Release(int probe)
    {
        if (probe == NoProbe)
        {
            return;
        }
        lock (_gate)
        {
            if (IsOut(probe))
            {
                // Does not begin a pause: the old one stays over, so the next run becomes the probe.
                Change(CircuitState.Open);
            }
        }
    }

    public void Refuse()
    {
        lock (_gate)
        {
            Change(CircuitState.Refused);
        }
    }

    private bool IsOut(int probe) => State == CircuitState.HalfOpen && probe == _probe;

    private int BeginProbe()
    {
        Change(CircuitState.HalfOpen);
        _probe = _probe == int.MaxValue ? 1 : _probe + 1;
        return _probe;
    }

    private void Open()
    {
        _pause.Begin();
        Change(CircuitState.Open);
    }

    private void Change(CircuitState state) => Volatile.Write(ref _state, (int)state);
}
