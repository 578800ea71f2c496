using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// How a device stands with a model, and why; each change is reported. Whoever opens the device and runs it tells; one at a time, but all
/// may read.
/// </summary>
internal sealed class DeviceHealth(ModelName subject, string device, BatchSettings settings, TimeProvider time, InferenceReports reports)
{
    private readonly RetryPause _return = new(settings.FirstPause, settings.LongestPause, time);
    private int _state = (int)DeviceState.Starting;
    private int _threshold;

    /// <summary>How it stands.</summary>
    public DeviceState State => (DeviceState)Volatile.Read(ref _state);

    /// <summary>Why it stands so.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>From how many rows at a time on it is used.</summary>
    public int Threshold => Volatile.Read(ref _threshold);

    /// <summary>Until it is to be tried again; infinite when it is not.</summary>
    public TimeSpan TimeLeft => State == DeviceState.Down ? _return.TimeLeft : Timeout.InfiniteTimeSpan;

    /// <summary>It failed, and is to be tried again now.</summary>
    public bool IsDue => TimeLeft == TimeSpan.Zero;

    /// <summary>What an exception says of the device that threw it; null when it says nothing.</summary>
    public static DeviceState? After(Exception exception) => exception switch
    {
        OnnxRuntimeException or DeviceFailedException => DeviceState.Down,
        DeviceRefusedException or InvalidDataException => DeviceState.Refused,
        _ => null,
    };

    /// <summary>It is well.</summary>
    /// <param name="threshold">From how many rows at a time on it is worth it.</param>
    /// <param name="rows">What its rows are to those who read the reports.</param>
    public void Up(int threshold, string rows)
    {
        Volatile.Write(ref _threshold, threshold);
        _return.Succeeded();
        Change(DeviceState.Up, threshold == TransferThreshold.Never
            ? $"it is slower than the CPU at every number of {rows}, and is not used"
            : $"it is used from {threshold} {rows} at a time on");
    }

    /// <summary>It is not used: it is down or has refused.</summary>
    public void Leave(DeviceState state, string reason)
    {
        _return.Failed();
        Change(state, reason);
    }

    private void Change(DeviceState state, string reason)
    {
        Reason = reason;
        Volatile.Write(ref _state, (int)state);
        reports.DeviceChanged(subject, device, state, reason);
    }
}
