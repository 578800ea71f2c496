using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Ensembles;

/// <summary>Runs an ensemble on a device: the queue of its requests, and the worker of its lane.</summary>
internal sealed class EnsembleDevice
{
    private readonly LaneWorker _worker;
    private readonly CpuLane _cpu;
    private int _inline;

    private EnsembleDevice(string name, BatchQueue queue, LaneWorker worker, CpuLane cpu) =>
        (Name, Queue, _worker, _cpu) = (name, queue, worker, cpu);

    public string Name { get; }

    public BatchQueue Queue { get; }

    public CircuitState State => _worker.Health.State;

    /// <summary>
    /// Opens a bundle's CUDA twin on the device. A device that fails at the start is tried again later; one that refuses the graph is not.
    /// Both are faults if a device is required.
    /// </summary>
    public static EnsembleDevice? Open(ModelBundle bundle, InferenceSession session, EnsembleSettings settings, Faults faults)
    {
        if (settings.Device is not { } device)
        {
            return null;
        }
        if (bundle.CudaGraph is not { } bytes)
        {
            const string missing = $"the bundle has no {ModelManifest.CudaGraphFileName}; train it again";
            settings.Reports.DeviceChanged(bundle.Manifest.Id, device.Name, CircuitState.Refused, missing);
            return Refuse(missing);
        }
        var graph = new LaneGraph(
            bytes, bundle.FeatureIndexes.Length, bundle.Manifest.Members.Count, new SizeBuckets(settings.Batch.MaxRows));
        var queue = new BatchQueue(settings.Batch, graph.Features, graph.Members, settings.Time);
        var cpu = new CpuLane(session, graph, ownsSession: false);
        var worker = new LaneWorker(queue, device, graph, cpu, settings.Batch, bundle.Manifest.Id, settings.Time, settings.Reports);
        var own = new EnsembleDevice(device.Name, queue, worker, cpu);
        worker.Start();
        var health = worker.Health;
        if (health.State == CircuitState.Closed || (health.State == CircuitState.Open && !settings.IsDeviceRequired))
        {
            return own;
        }
        own.Stop();
        return Refuse(health.Reason);

        EnsembleDevice? Refuse(string reason)
        {
            if (settings.IsDeviceRequired)
            {
                faults.Add(ModelManifest.CudaGraphFileName, $"cannot be run on {device.Name}, but Inference:Device requires it: {reason}");
            }
            return null;
        }
    }

    /// <summary>True if the device is in use, and one more request reaches the number from which it is faster.</summary>
    public bool IsWorthIt =>
        State == CircuitState.Closed && Volatile.Read(ref _inline) + Queue.Outstanding + 1 >= _worker.Health.Threshold;

    public void BeginInline() => Interlocked.Increment(ref _inline);

    public void EndInline() => Interlocked.Decrement(ref _inline);

    /// <summary>Stops the worker.</summary>
    /// <returns>False when the device hangs. The session must then not be freed.</returns>
    public bool Stop()
    {
        var stopped = _worker.Stop();
        if (stopped)
        {
            _cpu.Dispose();
        }
        return stopped;
    }
}
