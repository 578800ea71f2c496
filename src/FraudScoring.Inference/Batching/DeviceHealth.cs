using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// State of a device for one model: its circuit breaker, the reason for the current state, and the number of rows from which the device is
/// used. Every change is reported. <see cref="GuardedDevice{TRunner}"/> changes it under its lock; any thread may read it.
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
    /// <param name="reports">Receives every change.</param>
    public DeviceHealth(ModelId model, string device, BatchSettings settings, TimeProvider time, InferenceReports reports)
    {
        (_model, _device, _reports) = (model, device, reports);
        _breaker = CircuitBreaker.CreateHalfOpen(new RetryPause(settings.FirstPause, settings.LongestPause, time), out _probe);
    }

    public CircuitState State => _breaker.State;

    public string Reason { get; private set; } = "";

    /// <summary>Smallest number of rows at a time for which the device is used.</summary>
    public int Threshold => Volatile.Read(ref _threshold);

    /// <summary>Time until the next probe; infinite when none is planned.</summary>
    public TimeSpan TimeToProbe => _breaker.TimeToProbe;

    /// <summary>Begins a probe if the pause after a failure is over.</summary>
    /// <returns>True when the caller must open the device.</returns>
    public bool TryBeginProbe()
    {
        if (State != CircuitState.Open || !_breaker.TryEnter(out var probe))
        {
            return false;
        }
        _probe = probe;
        return true;
    }

    /// <summary>Records that the device opened, agreed with the CPU and was measured.</summary>
    /// <param name="threshold">Smallest number of rows at a time for which the device is used.</param>
    /// <param name="rows">What reports call a row.</param>
    public void Accept(int threshold, string rows)
    {
        // Before the circuit closes: whoever sees it closed must see the threshold too.
        Volatile.Write(ref _threshold, threshold);
        Reason = threshold == TransferThreshold.Never
            ? $"not used: slower than the CPU at every measured number of {rows}"
            : $"used for {threshold} or more {rows} at a time";
        _breaker.RecordSuccess(_probe);
        _probe = CircuitBreaker.NoProbe;
        Report();
    }

    /// <summary>Records a failure while opening or using the device. It is tried again after a pause.</summary>
    public void Fail(string reason)
    {
        Reason = reason;
        _breaker.RecordFailure(_probe);
        Report();
    }

    /// <summary>Records that the device cannot run this model as required. It is not tried again.</summary>
    public void Refuse(string reason)
    {
        Reason = reason;
        _breaker.Refuse();
        Report();
    }

    private void Report() => _reports.DeviceChanged(_model, _device, State, Reason);
}
