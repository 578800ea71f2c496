using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Inference.Batching;

/// <summary>A device whose lanes double a row's only feature and whose sessions run on the CPU. A test can script both.</summary>
internal sealed class ScriptedDevice : IDevice
{
    public const int Members = 2;

    public static LaneGraph Graph(int maxRows) => new([], 1, Members, new SizeBuckets(maxRows));

    public string Name => "scripted";

    /// <summary>Called first when a lane is opened. It may throw.</summary>
    public Action? OnOpen { get; set; }

    /// <summary>Called before each run with the features of its rows. It may throw or wait.</summary>
    public Action<float[]>? OnRun { get; set; }

    /// <summary>Computes a probability from a feature.</summary>
    public Func<float, float> Probability { get; set; } = feature => feature;

    /// <summary>Called before each run of a session. It may throw or wait.</summary>
    public Action? OnSessionRun { get; set; }

    /// <summary>Called with a session's outputs to modify them.</summary>
    public Action<IReadOnlyList<OrtValue>>? Spoil { get; set; }

    public int Opened { get; private set; }

    public int Closed { get; private set; }

    public IDeviceLane OpenLane(LaneGraph graph)
    {
        OnOpen?.Invoke();
        Opened++;
        return new Lane(this, graph.Buckets.MaxRows);
    }

    public IDeviceSession OpenSession(byte[] model, NamedValues sample)
    {
        OnOpen?.Invoke();
        Opened++;
        return new Session(this, CpuDevice.Instance.OpenSession(model, sample));
    }

    /// <summary>Opens a lane without a device, for example as the CPU's lane.</summary>
    public static IDeviceLane OpenAlone(int maxRows, Action<float[]>? onRun = null, Func<float, float>? probability = null) =>
        new Lane(new ScriptedDevice { OnRun = onRun, Probability = probability ?? (feature => feature) }, maxRows);

    private sealed class Session(ScriptedDevice device, IDeviceSession inner) : IDeviceSession
    {
        public IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, NamedValues inputs, IReadOnlyCollection<string> outputs)
        {
            device.OnSessionRun?.Invoke();
            var values = inner.Run(options, inputs, outputs);
            device.Spoil?.Invoke(values);
            return values;
        }

        public void Dispose()
        {
            inner.Dispose();
            device.Closed++;
        }
    }

    private sealed class Lane(ScriptedDevice device, int maxRows) : IDeviceLane
    {
        private readonly float[] _features = new float[maxRows], _probability = new float[maxRows], _margin = new float[maxRows];
        private readonly float[] _members = new float[maxRows * Members];

        public int MaxRows => maxRows;

        public Span<float> Features => _features;

        public ReadOnlySpan<float> Probability => _probability;

        public ReadOnlySpan<float> Margin => _margin;

        public ReadOnlySpan<float> MemberMargins => _members;

        public void Run(int rows)
        {
            device.OnRun?.Invoke(_features[..rows]);
            for (var i = 0; i < rows; i++)
            {
                // The inputs of a lane's trial run are arbitrary, or NaN.
                _probability[i] = device.Probability(_features[i] is >= 0 and <= 1 ? _features[i] : 0.5f);
                _margin[i] = 2 * _features[i];
                (_members[i * Members], _members[(i * Members) + 1]) = (_features[i], -_features[i]);
            }
        }

        public void Dispose() => device.Closed++;
    }
}
