using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// The thread of a lane: it opens it, runs what waits, and is the only one that touches it. When the device fails, the batch it failed on
/// and all that still waits are run on its twin; later requests do not come here until the device is back.
/// </summary>
internal sealed class LaneWorker : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private readonly BatchQueue _queue;
    private readonly IDevice _device;
    private readonly LaneGraph _graph;
    private readonly IDeviceLane _twin;
    private readonly BatchSettings _settings;
    private readonly TimeProvider _time;
    private readonly InferenceReports _reports;
    private readonly ModelName _subject;
    private readonly BatchEntry[] _batch;
    private readonly RunEstimate _estimate;
    private readonly ManualResetEventSlim _opened = new();
    private readonly Thread _thread;
    private IDeviceLane? _lane;

    /// <param name="queue">What waits.</param>
    /// <param name="device">Opens the lane.</param>
    /// <param name="graph">What the lane runs.</param>
    /// <param name="twin">The same on the CPU, for this worker alone; not disposed of here.</param>
    /// <param name="settings">How requests become batches.</param>
    /// <param name="subject">The model.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reports">Who hears of it.</param>
    public LaneWorker(
        BatchQueue queue, IDevice device, LaneGraph graph, IDeviceLane twin, BatchSettings settings, ModelName subject, TimeProvider time,
        InferenceReports reports)
    {
        (_queue, _device, _graph, _twin, _settings, _subject, _time, _reports) = (queue, device, graph, twin, settings, subject, time, reports);
        _batch = new BatchEntry[Math.Min(settings.MaxRows, graph.Buckets.MaxRows)];
        _estimate = new RunEstimate(graph.Buckets);
        Health = new DeviceHealth(subject, device.Name, settings, time, reports);
        _thread = new Thread(Live) { IsBackground = true, Name = $"lane {device.Name}" };
    }

    /// <summary>How the device stands.</summary>
    public DeviceHealth Health { get; }

    /// <summary>Starts the thread, and waits until the device was opened or has refused.</summary>
    public void Start()
    {
        _thread.Start();
        _opened.Wait();
    }

    /// <summary>Answers what waits, lets the run in flight end, and lets go of the lane.</summary>
    /// <returns>False when the device does not let go: the lane, and what it uses, must be left as they are.</returns>
    public bool Stop()
    {
        _queue.Stop();
        return !_thread.IsAlive || _thread.Join(StopLimit);
    }

    /// <inheritdoc />
    public void Dispose() => Stop();

    /// <summary>Opens the device, compares it with its twin, and measures it.</summary>
    internal void Open()
    {
        try
        {
            _lane = _device.OpenLane(_graph);
            LaneTrial.Compare(_lane, _twin, _graph);
            Health.Up(Calibrate(_lane), "requests");
        }
        catch (Exception e) when (DeviceHealth.After(e) is { } state)
        {
            Leave(state, e.Message);
        }
    }

    /// <summary>Runs the next batch.</summary>
    /// <returns>How many rows it had.</returns>
    internal int RunNext()
    {
        var count = _queue.Take(_batch, _estimate);
        if (count > 0)
        {
            RunTaken(count);
            _batch.AsSpan(0, count).Clear();
        }
        return count;
    }

    /// <summary>Tries a device again that has failed, when its pause is over.</summary>
    internal void TryAgain()
    {
        if (Health.IsDue)
        {
            Open();
        }
    }

    private void Live()
    {
        Open();
        _opened.Set();
        while (_queue.Wait(Health.TimeLeft))
        {
            TryAgain();
            while (!_queue.IsRipe)
            {
                Thread.SpinWait(50);
            }
            RunNext();
        }
        LetGo();
    }

    private void RunTaken(int count)
    {
        var lane = _lane ?? _twin;
        var start = _time.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            _batch[i].Ticket.Features.CopyTo(lane.Features[(i * _graph.Features)..]);
        }
        var copied = _time.GetTimestamp();
        if (!TryRun(ref lane, count))
        {
            foreach (ref var entry in _batch.AsSpan(0, count))
            {
                _queue.Complete(entry, new BatchAnswer(BatchOutcome.RunFailed), []);
            }
            return;
        }
        var ran = _time.GetTimestamp();
        _estimate.Add(count, ran - start);
        Answer(lane, count, (start, copied, ran));
        _reports.BatchRan(_subject, NameOf(lane), count, _queue.Length);
    }

    private void Answer(IDeviceLane lane, int count, (long Start, long Copied, long Ran) at)
    {
        for (var i = 0; i < count; i++)
        {
            var margins = lane.MemberMargins.Slice(i * _graph.Members, _graph.Members);
            var score = new EnsembleScore(lane.Probability[i], lane.Margin[i]);
            var times = new RunTimes(at.Start - _batch[i].EnqueuedAt, at.Copied - at.Start, at.Ran - at.Copied, _time.GetTimestamp() - at.Ran);
            _queue.Complete(_batch[i], new BatchAnswer(BatchOutcome.Scored, score, times, NameOf(lane)), margins);
        }
    }

    /// <summary>Runs on a lane, and on its twin when that fails.</summary>
    private bool TryRun(ref IDeviceLane lane, int count)
    {
        try
        {
            lane.Run(count);
            if (lane == _twin || LaneTrial.AreValid(lane, count))
            {
                return true;
            }
            // Either the device is broken or the model is: the twin knows.
            RunOnTwin(lane, count);
            if (LaneTrial.AreValid(_twin, count))
            {
                Leave(DeviceState.Down, "it gave probabilities that are none, where the CPU gives valid ones");
            }
            lane = _twin;
            return true;
        }
        catch (Exception e) when (DeviceHealth.After(e) == DeviceState.Down)
        {
            return lane != _twin && TryTwin(ref lane, count, e.Message);
        }
    }

    private bool TryTwin(ref IDeviceLane lane, int count, string reason)
    {
        try
        {
            RunOnTwin(lane, count);
            lane = _twin;
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
        finally
        {
            Leave(DeviceState.Down, reason);
        }
    }

    private void RunOnTwin(IDeviceLane lane, int count)
    {
        lane.Features[..(count * _graph.Features)].CopyTo(_twin.Features);
        _twin.Run(count);
    }

    private int Calibrate(IDeviceLane lane)
    {
        var sizes = _graph.Buckets.Sizes;
        long[] device = new long[sizes.Count], cpu = new long[sizes.Count];
        for (var i = 0; i < sizes.Count; i++)
        {
            device[i] = LaneTrial.Time(lane, sizes[i], _time);
            cpu[i] = LaneTrial.Time(_twin, sizes[i], _time);
            _estimate.Set(i, device[i]);
        }
        return _settings.TransferThreshold > 0 ? _settings.TransferThreshold : TransferThreshold.Of(sizes, device, cpu);
    }

    private void Leave(DeviceState state, string reason)
    {
        LetGo();
        Health.Leave(state, reason);
    }

    private void LetGo()
    {
        _lane?.Dispose();
        _lane = null;
    }

    private string NameOf(IDeviceLane lane) => lane == _twin ? CpuDevice.Instance.Name : _device.Name;
}
