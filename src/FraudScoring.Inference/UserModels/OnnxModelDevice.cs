using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// Runs a user model's CUDA twin on a device. Requests run on their callers' threads. A failed device is opened again in the background, by
/// the first request after its pause.
/// </summary>
internal sealed class OnnxModelDevice : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly GuardedDevice<IDeviceSession> _device;
    private readonly Action<Action> _begin;

    /// <param name="model">The model.</param>
    /// <param name="trial">Opens, compares and measures the CUDA twin.</param>
    /// <param name="settings">The device, and when it is used.</param>
    /// <param name="begin">Starts background work; by default on a thread of its own.</param>
    public OnnxModelDevice(ModelId model, SessionTrial trial, EnsembleSettings settings, Action<Action>? begin = null)
    {
        Name = settings.Device!.Name;
        var health = new DeviceHealth(model, Name, settings.Batch, settings.Time, settings.Reports);
        _device = new GuardedDevice<IDeviceSession>(trial, health, settings.Batch);
        _begin = begin ?? (work => NormalThreads.Start(new Thread(() => work()) { IsBackground = true, Name = $"open {Name}" }));
    }

    public string Name { get; }

    public DeviceHealth Health => _device.Health;

    /// <summary>Opens the device on the calling thread.</summary>
    public void Open() => _device.Open();

    /// <summary>Runs a request on the device if it has enough rows, otherwise, or if the device fails, on the CPU.</summary>
    /// <param name="work">The request.</param>
    /// <param name="rows">Number of its rows.</param>
    /// <returns>Name of the device that ran it.</returns>
    public string Run(SessionWork work, long rows)
    {
        var isWorthIt = Health.State == CircuitState.Closed && rows >= Health.Threshold;
        if (!isWorthIt)
        {
            // The request that starts the probe does not wait for it.
            _device.Reopen(_begin);
        }
        return _device.Run(work, isWorthIt) ? Name : CpuDevice.Instance.Name;
    }

    /// <summary>Closes the device.</summary>
    /// <returns>False when opening hangs. What the device uses must then not be freed.</returns>
    public bool Stop() => _device.Close(StopLimit);

    /// <inheritdoc />
    public void Dispose() => Stop();
}
