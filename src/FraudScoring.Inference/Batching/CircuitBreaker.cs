namespace FraudScoring.Inference.Batching;

/// <summary>
/// The one state machine for everything that may fail and is tried again: a model under its quarantine, a device beside the CPU.
/// </summary>
/// <remarks>
/// <code>
///              failures in a row                    pause over
///   Closed ──────────────────────► Open ──────────────────────────► HalfOpen
///     ▲                             ▲      ◄──── probe released ────    │ │
///     │                             └────────── probe failed ───────────┘ │
///     └──────────────────────────── probe succeeded ──────────────────────┘
/// </code>
/// <see cref="CircuitState.Refused"/> may follow any state, and none follows it: what is refused once is never probed.
/// Only one probe is out at a time. It carries a number, so that whoever ends it late, or twice, does not end the one after it.
/// </remarks>
internal sealed class CircuitBreaker
{
    /// <summary>The number of a run that is no probe.</summary>
    public const int NoProbe = 0;

    private readonly Lock _gate = new();
    private readonly RetryPause _pause;
    private readonly int _failuresToOpen;
    private int _state;
    private int _failuresInRow;
    private int _probe;

    /// <param name="failuresToOpen">Failures in a row that open a closed circuit.</param>
    /// <param name="pause">How long it stays open.</param>
    public CircuitBreaker(int failuresToOpen, RetryPause pause) => (_failuresToOpen, _pause) = (failuresToOpen, pause);

    /// <summary>Where it stands.</summary>
    public CircuitState State => (CircuitState)Volatile.Read(ref _state);

    /// <summary>Time until a probe is due: zero when it is, infinite where none will be.</summary>
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

    /// <summary>A circuit whose first run is a probe: nothing is known yet of what it guards.</summary>
    /// <param name="pause">How long it stays open after a failure.</param>
    /// <param name="probe">The number of the probe.</param>
    public static CircuitBreaker CreateHalfOpen(RetryPause pause, out int probe)
    {
        var breaker = new CircuitBreaker(1, pause);
        probe = breaker.BeginProbe();
        return breaker;
    }

    /// <summary>Asks for a run.</summary>
    /// <param name="probe">The probe's number, or <see cref="NoProbe"/>. To be given back with the outcome.</param>
    /// <returns>False when there must be no run now.</returns>
    public bool TryEnter(out int probe)
    {
        probe = NoProbe;
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
            return probe != NoProbe || State == CircuitState.Closed;
        }
    }

    /// <summary>A run went well.</summary>
    /// <returns>True when that closed the circuit.</returns>
    public bool RecordSuccess(int probe)
    {
        if (probe == NoProbe)
        {
            // Almost every run ends here, and writes nothing.
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

    /// <summary>A run failed.</summary>
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
            // A run that was let in before the circuit opened says nothing new.
            if (State != CircuitState.Closed || Interlocked.Increment(ref _failuresInRow) < _failuresToOpen)
            {
                return false;
            }
            Open();
            return true;
        }
    }

    /// <summary>A run ended without an outcome. If it was the probe, the next one may be.</summary>
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
                Change(CircuitState.Open);
            }
        }
    }

    /// <summary>Keeps it away for good.</summary>
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
