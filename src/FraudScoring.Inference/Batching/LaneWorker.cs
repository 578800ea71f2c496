using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// The thread of a lane. It opens the lane, runs the waiting requests, and is the only thread that uses the lane. When the device fails,
/// the failed batch and all waiting requests run on the CPU; later requests do not reach this queue until the device is back.
/// </summary>
internal sealed class LaneWorker : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly BatchQueue _queue;
    private readonly LaneGraph _graph;
    private readonly TimeProvider _time;
    private readonly InferenceReports _reports;
    private readonly ModelId _model;
    private readonly string _deviceName;
    private readonly LaneBatch _batch;
    private readonly RunEstimate _estimate;
    private readonly GuardedDevice<IDeviceLane> _device;
    private readonly ManualResetEventSlim _opened = new();
    private readonly Thread _thread;

    /// <param name="queue">The waiting requests.</param>
    /// <param name="device">The device on which the lane is opened.</param>
    /// <param name="graph">The graph that the lane runs.</param>
    /// <param name="cpu">A lane of the same graph on the CPU, for this worker alone; not disposed of here.</param>
    /// <param name="settings">How requests become batches.</param>
    /// <param name="model">The model.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reports">Receives what the device does.</param>
    public LaneWorker(
        BatchQueue queue, IDevice device, LaneGraph graph, IDeviceLane cpu, BatchSettings settings, ModelId model, TimeProvider time,
        InferenceReports reports)
    {
        (_queue, _deviceName, _graph, _model, _time, _reports) = (queue, device.Name, graph, model, time, reports);
        _batch = new LaneBatch(Math.Min(settings.MaxRows, graph.Buckets.MaxRows), graph, time);
        _estimate = new RunEstimate(graph.Buckets);
        var health = new DeviceHealth(model, device.Name, settings, time, reports);
        _device = new GuardedDevice<IDeviceLane>(new LaneTrial(device, graph, cpu, _estimate, time), health, settings);
        _thread = new Thread(Live) { IsBackground = true, Name = $"lane {device.Name}" };
    }

    public DeviceHealth Health => _device.Health;

    /// <summary>Starts the thread and waits until the device is open or has failed to open.</summary>
    public void Start()
    {
        // A bundle is loaded on a thread of low priority.
        NormalThreads.Start(_thread);
        _opened.Wait();
    }

    /// <summary>Answers the waiting requests, lets the run in flight end, and closes the lane.</summary>
    /// <returns>False when the device hangs. The lane, and what it uses, must then not be freed.</returns>
    public bool Stop()
    {
        _queue.Stop();
        return !_thread.IsAlive || _thread.Join(StopLimit);
    }

    /// <inheritdoc />
    public void Dispose() => Stop();

    internal void Open() => _device.Open();

    /// <summary>Runs the next batch.</summary>
    /// <returns>The number of its rows.</returns>
    internal int RunNext()
    {
        var count = _batch.Take(_queue, _estimate);
        if (count > 0)
        {
            Run(count);
            _batch.Clear();
        }
        return count;
    }

    /// <summary>Opens a failed device again if its pause is over.</summary>
    internal void TryAgain()
    {
        if (_device.TryBeginProbe())
        {
            Open();
        }
    }

    private void Live()
    {
        Open();
        _opened.Set();
        while (_queue.Wait(Health.TimeToProbe))
        {
            TryAgain();
            // Spins, because the delay is counted in microseconds and a timed wait in milliseconds.
            while (!_queue.IsBatchDue)
            {
                Thread.SpinWait(50);
            }
            RunNext();
        }
        _device.Close(StopLimit);
    }

    private void Run(int count)
    {
        var start = _time.GetTimestamp();
        bool isOnDevice;
        try
        {
            isOnDevice = _device.Run(_batch);
        }
        catch (Exception)
        {
            // The CPU failed too. Each caller receives the outcome, and its guarded run counts it against the model.
            foreach (ref readonly var entry in _batch.Entries)
            {
                _queue.Complete(entry, new BatchAnswer(BatchOutcome.RunFailed), []);
            }
            return;
        }
        var ran = _time.GetTimestamp();
        var name = isOnDevice ? _deviceName : CpuDevice.Instance.Name;
        _estimate.Record(count, ran - start);
        // Only this thread disposes of the lane, so its buffers still hold the answers.
        Answer(_batch.Lane!, (start, ran), name);
        _reports.BatchRan(_model, name, count, _queue.Length);
    }

    private void Answer(IDeviceLane lane, (long Start, long Ran) at, string name)
    {
        var entries = _batch.Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            var margins = lane.MemberMargins.Slice(i * _graph.Members, _graph.Members);
            var score = new EnsembleScore(lane.Probability[i], lane.Margin[i]);
            var times = new RunTimes(
                at.Start - entries[i].EnqueuedAt, _batch.GatheredAt - at.Start, at.Ran - _batch.GatheredAt, _time.GetTimestamp() - at.Ran);
            _queue.Complete(entries[i], new BatchAnswer(BatchOutcome.Scored, score, times, name), margins);
        }
    }
}
