using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Batching;

/// <summary>When a model is quarantined, and when it is tried again.</summary>
public sealed record QuarantineSettings
{
    /// <summary>Consecutive failures or invalid answers after which a model is quarantined.</summary>
    public int After { get; init; } = 3;

    /// <summary>Time until a quarantined model is tried again. Doubles after each failed attempt.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Upper limit of this time.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>
/// Stops a model from being used after several consecutive failures. When a pause is over, one run is admitted as a probe; if it succeeds,
/// the model is used again. Entered only by <see cref="GuardedRun"/>.
/// </summary>
/// <remarks>
/// Without it, a broken model would cost every payment the time of a failed run. The probe is an ordinary request, not a generated row:
/// only real rows show whether the model answers them.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="settings">When it is quarantined.</param>
/// <param name="time">The clock.</param>
/// <param name="reports">Receives failures, and the beginning and end of the quarantine.</param>
public sealed class Quarantine(ModelId model, QuarantineSettings settings, TimeProvider time, InferenceReports reports)
{
    private readonly CircuitBreaker _breaker = new(settings.After, new RetryPause(settings.FirstPause, settings.LongestPause, time));

    /// <summary>True while the model is not used, apart from probes.</summary>
    public bool IsQuarantined => _breaker.State != CircuitState.Closed;

    /// <summary>True when a run would be admitted now.</summary>
    public bool IsReady => !IsQuarantined || _breaker.TimeToProbe == TimeSpan.Zero;

    /// <summary>Requests admission for a run. Dispose of it when the run has ended.</summary>
    internal Admission Enter() => _breaker.TryEnter(out var probe) ? new Admission(this, probe) : default;

    /// <summary>Permission to run a model once. If disposed of without a reported outcome, the next run becomes the probe.</summary>
    internal readonly struct Admission(Quarantine? quarantine, int probe) : IDisposable
    {
        /// <summary>False when the model must not be run.</summary>
        public bool IsGranted => quarantine is not null;

        public void RecordSuccess() => quarantine?.RecordSuccess(probe);

        public void RecordFailure(RunResult result) => quarantine?.RecordFailure(probe, result);

        public void Dispose() => quarantine?._breaker.Release(probe);
    }

    private void RecordSuccess(int probe)
    {
        if (_breaker.RecordSuccess(probe))
        {
            reports.QuarantineChanged(model, isQuarantined: false);
        }
    }

    private void RecordFailure(int probe, RunResult result)
    {
        reports.ModelFailed(model, result);
        if (_breaker.RecordFailure(probe))
        {
            reports.QuarantineChanged(model, isQuarantined: true);
        }
    }
}
