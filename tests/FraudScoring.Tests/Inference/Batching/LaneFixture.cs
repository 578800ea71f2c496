using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.Batching;

/// <summary>A queue and a worker that runs on the test's own thread unless it is started.</summary>
internal sealed class LaneFixture : InferenceReports, IDisposable
{
    private static readonly int[] Columns = [0];

    public LaneFixture(BatchSettings settings, TimeProvider? time = null, Action<float[]>? onCpuRun = null)
    {
        Time = time ?? Clock;
        Queue = new BatchQueue(settings, 1, ScriptedDevice.Members, Time);
        Cpu = ScriptedDevice.OpenAlone(settings.MaxRows, onCpuRun, feature => CpuProbability(feature));
        Worker = new LaneWorker(
            Queue, Device, ScriptedDevice.Graph(settings.MaxRows), Cpu, settings, new ModelId("payments", "1"), Time, this);
    }

    public FakeTimeProvider Clock { get; } = new();

    public TimeProvider Time { get; }

    public ScriptedDevice Device { get; } = new();

    public IDeviceLane Cpu { get; }

    /// <summary>Computes a probability from a feature on the CPU.</summary>
    public Func<float, float> CpuProbability { get; set; } = feature => feature;

    public BatchQueue Queue { get; }

    public LaneWorker Worker { get; }

    /// <summary>The reported device states with their reasons.</summary>
    public List<(CircuitState State, string Reason)> Changes { get; } = [];

    /// <summary>The device and number of rows of each batch.</summary>
    public List<(string Device, int Rows)> Batches { get; } = [];

    public float[] Margins { get; } = new float[ScriptedDevice.Members];

    public ValueTask<BatchAnswer> Ask(float feature, int deadlineMs = 1000, float[]? margins = null,
        CancellationToken cancellation = default) =>
        Queue.EnqueueAsync([feature], Columns, margins ?? Margins, Deadline(deadlineMs), cancellation);

    public long Deadline(int ms) => Time.GetTimestamp() + (long)(Time.TimestampFrequency * (ms / 1000.0));

    public override void DeviceChanged(ModelId model, string device, CircuitState state, string reason) => Changes.Add((state, reason));

    public override void BatchRan(ModelId model, string device, int rows, int waiting)
    {
        lock (Batches)
        {
            Batches.Add((device, rows));
        }
    }

    public void Dispose() => Worker.Dispose();
}
