using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// A user model's place on a device beside the CPU. Requests run on their callers' threads; a device that failed is opened again off the
/// path, by the first request that finds it due.
/// </summary>
internal sealed class OnnxModelDevice : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly GuardedDevice<IDeviceSession> _device;
    private readonly Action<Action> _begin;

    /// <param name="model">The model.</param>
    /// <param name="trial">Opens, compares and measures its CUDA twin.</param>
    /// <param name="settings">The device, and when it is used.</param>
    /// <param name="begin">Begins work off the path; by default on a thread of its own.</param>
    public OnnxModelDevice(ModelId model, SessionTrial trial, EnsembleSettings settings, Action<Action>? begin = null)
    {
        Name = settings.Device!.Name;
        var health = new DeviceHealth(model, Name, settings.Batch, settings.Time, settings.Reports);
        _device = new GuardedDevice<IDeviceSession>(trial, health, settings.Batch);
        _begin = begin ?? (work => new Thread(() => work()) { IsBackground = true, Name = $"open {Name}" }.Start());
    }

    /// <summary>Name of the device.</summary>
    public string Name { get; }

    /// <summary>Whether it is in use.</summary>
    public DeviceHealth Health => _device.Health;

    /// <summary>Opens it on this thread.</summary>
    public void Open() => _device.Open();

    /// <summary>Runs a request there when that is worth the trip, and on the CPU when it is not, or when the device fails.</summary>
    /// <param name="work">The request.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <returns>Name of the device that answered.</returns>
    public string Run(SessionWork work, long rows)
    {
        var isWorthIt = Health.State == CircuitState.Closed && rows >= Health.Threshold;
        if (!isWorthIt)
        {
            // Whoever finds it due does not wait for it.
            _device.Reopen(_begin);
        }
        return _device.Run(work, isWorthIt) ? Name : CpuDevice.Instance.Name;
    }

    /// <summary>Lets go of the device.</summary>
    /// <returns>False when it hangs while it is opened: what it uses must be left as it is.</returns>
    public bool Stop() => _device.Close(StopLimit);

    /// <inheritdoc />
    public void Dispose() => Stop();
}
