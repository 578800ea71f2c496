namespace FraudScoring.Inference.Batching;

/// <summary>When a model is kept away from payments, and when it is tried again.</summary>
public sealed record QuarantineSettings
{
    /// <summary>After how many answers in a row that are none.</summary>
    public int After { get; init; } = 3;

    /// <summary>After how long it is tried again; doubled after each try that fails.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest such pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Whether a model may run.</summary>
public enum Admission
{
    /// <summary>It may not: answer without it.</summary>
    Refused,
    /// <summary>It may.</summary>
    Run,
    /// <summary>It may this once, to see whether it is well again.</summary>
    Probe,
}

/// <summary>
/// Keeps a model away from payments and other requests that failed, or gave NaN or a value out of range, several times in a row; lets one payment try it when
/// a pause is over, and takes it back when that goes well. Whoever is admitted tells how it went.
/// </summary>
public sealed class Quarantine(QuarantineSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly RetryPause _return = new(settings.FirstPause, settings.LongestPause, time);
    private int _badInRow;
    private bool _isProbed;
    private bool _isClosed;

    /// <summary>The model is kept away.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Whether somebody who asks now may run it.</summary>
    public bool IsOpen
    {
        get
        {
            if (!IsClosed)
            {
                return true;
            }
            lock (_gate)
            {
                return !_isClosed || (!_isProbed && _return.IsDue);
            }
        }
    }

    /// <summary>Asks whether the model may run.</summary>
    public Admission Enter()
    {
        if (!IsClosed)
        {
            return Admission.Run;
        }
        lock (_gate)
        {
            if (!_isClosed)
            {
                return Admission.Run;
            }
            if (_isProbed || !_return.IsDue)
            {
                return Admission.Refused;
            }
            _isProbed = true;
            return Admission.Probe;
        }
    }

    /// <summary>The model gave a valid answer.</summary>
    /// <returns>True when it is back by that.</returns>
    public bool RecordSuccess(Admission admission)
    {
        if (admission == Admission.Run)
        {
            // Most answers are good, and write nothing.
            if (Volatile.Read(ref _badInRow) != 0)
            {
                Volatile.Write(ref _badInRow, 0);
            }
            return false;
        }
        lock (_gate)
        {
            (_isProbed, _badInRow) = (false, 0);
            _return.Succeeded();
            Volatile.Write(ref _isClosed, false);
            return true;
        }
    }

    /// <summary>The model gave no valid answer.</summary>
    /// <returns>True when it is kept away from now on, and was not before.</returns>
    public bool RecordFailure(Admission admission)
    {
        lock (_gate)
        {
            if (admission == Admission.Probe)
            {
                _isProbed = false;
                _return.Failed();
                return false;
            }
            // What was admitted before the gate closed says nothing new.
            if (_isClosed || Interlocked.Increment(ref _badInRow) < settings.After)
            {
                return false;
            }
            _return.Failed();
            Volatile.Write(ref _isClosed, true);
            return true;
        }
    }

    /// <summary>The model was not run after all: the next payment may try.</summary>
    public void Release(Admission admission)
    {
        if (admission == Admission.Probe)
        {
            lock (_gate)
            {
                _isProbed = false;
            }
        }
    }
}
