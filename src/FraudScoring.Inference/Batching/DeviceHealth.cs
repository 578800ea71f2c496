using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// The circuit breaker of a device beside the CPU for one model, the reason for its state, and the batch size it pays from. Every change is
/// reported. <see cref="GuardedDevice{TRunner}"/> changes it under its lock; anybody may read.
/// </summary>
internal sealed class DeviceHealth
{
    private readonly CircuitBreaker _breaker;
    private readonly ModelId _model;
    private readonly string _device;
    private readonly InferenceReports _reports;
    private int _probe;
    private int _threshold;

    /// <param name="model">The model.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="settings">The pauses after failures.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reports">Hears of every change.</param>
    public DeviceHealth(ModelId model, string device, BatchSettings settings, TimeProvider time, InferenceReports reports)
    {
        (_model, _device, _reports) = (model, device, reports);
        _breaker = CircuitBreaker.CreateHalfOpen(new RetryPause(settings.FirstPause, settings.LongestPause, time), out _probe);
    }

    /// <summary>Whether it is in use.</summary>
    public CircuitState State => _breaker.State;

    /// <summary>Why it is in that state.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The smallest number of rows at a time for which it is used.</summary>
    public int Threshold => Volatile.Read(ref _threshold);

    /// <summary>Time until it is to be tried again; infinite when it is not.</summary>
    public TimeSpan TimeToProbe => _breaker.TimeToProbe;

    /// <summary>Begins a probe when the pause after a failure is over.</summary>
    /// <returns>True when the caller is to open the device.</returns>
    public bool TryBeginProbe()
    {
        if (State != CircuitState.Open || !_breaker.TryEnter(out var probe))
        {
            return false;
        }
        _probe = probe;
        return true;
    }

    /// <summary>The device opened, agreed with the CPU, and was measured.</summary>
    /// <param name="threshold">The smallest number of rows at a time for which it is worth it.</param>
    /// <param name="rows">What a row is called in reports.</param>
    public void Accept(int threshold, string rows)
    {
        Volatile.Write(ref _threshold, threshold);
        Reason = threshold == TransferThreshold.Never
            ? $"it is slower than the CPU at every number of {rows}, and is not used"
            : $"it is used from {threshold} {rows} at a time on";
        _breaker.RecordSuccess(_probe);
        _probe = CircuitBreaker.NoProbe;
        Report();
    }

    /// <summary>The device failed, while it was opened or in use.</summary>
    public void Fail(string reason)
    {
        Reason = reason;
        _breaker.RecordFailure(_probe);
        Report();
    }

    /// <summary>The device will never run this model as it has to be run.</summary>
    public void Refuse(string reason)
    {
        Reason = reason;
        _breaker.Refuse();
        Report();
    }

    private void Report() => _reports.DeviceChanged(_model, _device, State, Reason);
}
