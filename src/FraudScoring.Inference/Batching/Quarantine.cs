using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Batching;

/// <summary>When a model is quarantined, and when it is tried again.</summary>
public sealed record QuarantineSettings
{
    /// <summary>Consecutive failures, or invalid answers, after which a model is quarantined.</summary>
    public int After { get; init; } = 3;

    /// <summary>Time until a quarantined model is tried again. It doubles after each try that fails.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest such pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>
/// Keeps a model away from payments and other requests after several failures in a row; lets one run try it when a pause is over, and takes
/// it back when that goes well. <see cref="GuardedRun"/> alone enters it.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">When it is quarantined.</param>
/// <param name="time">The clock.</param>
/// <param name="reports">Hears of failures, and of the quarantine's beginning and end.</param>
public sealed class Quarantine(ModelId model, QuarantineSettings settings, TimeProvider time, InferenceReports reports)
{
    private readonly CircuitBreaker _breaker = new(settings.After, new RetryPause(settings.FirstPause, settings.LongestPause, time));

    /// <summary>The model is kept away, except for a probe now and then.</summary>
    public bool IsQuarantined => _breaker.State != CircuitState.Closed;

    /// <summary>A run that asked now would be admitted.</summary>
    public bool IsReady => !IsQuarantined || _breaker.TimeToProbe == TimeSpan.Zero;

    /// <summary>Asks for a run. To be disposed of when the run has ended.</summary>
    internal Admission Enter() => _breaker.TryEnter(out var probe) ? new Admission(this, probe) : default;

    /// <summary>Leave to run a model once. An admission that was disposed of without an outcome lets the next run be the probe.</summary>
    internal readonly struct Admission(Quarantine? quarantine, int probe) : IDisposable
    {
        /// <summary>False when the model must not be run.</summary>
        public bool IsGranted => quarantine is not null;

        /// <summary>The model gave a valid answer.</summary>
        public void RecordSuccess() => quarantine?.RecordSuccess(probe);

        /// <summary>The model gave none, and is to blame.</summary>
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
