namespace FraudScoring.Inference.Devices;

/// <summary>Hardware that runs graphs. The CPU and CUDA can be asked the same.</summary>
public interface IDevice
{
    /// <summary>Its name in metrics and log lines, such as "cpu" or "cuda:0".</summary>
    string Name { get; }

    /// <summary>
    /// Opens a lane for a graph, checked and warmed: a session of its own, and buffers for every bucket. A lane belongs to the thread that
    /// opened it, since the CUDA runtime keeps what it has recorded by thread.
    /// </summary>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The runtime cannot run the graph there.</exception>
    /// <exception cref="DeviceRefusedException">It could, but not as it should.</exception>
    IDeviceLane OpenLane(LaneGraph graph);

    /// <summary>Opens any graph, checked by a run on sample inputs.</summary>
    /// <param name="model">The ONNX graph.</param>
    /// <param name="sample">Inputs it can be run on.</param>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The runtime cannot run the graph there.</exception>
    /// <exception cref="DeviceRefusedException">It could, but not as it should.</exception>
    IDeviceSession OpenSession(byte[] model, NamedValues sample);
}

/// <summary>One run at a time over fixed buffers: rows are written to <see cref="Features"/>, run, and read from the outputs.</summary>
public interface IDeviceLane : IDisposable
{
    /// <summary>Most rows of one run.</summary>
    int MaxRows { get; }

    /// <summary>Room for the rows' features, one row after the other.</summary>
    Span<float> Features { get; }

    /// <summary>Calibrated probabilities of the last run, one per row.</summary>
    ReadOnlySpan<float> Probability { get; }

    /// <summary>The stacker's margins of the last run, one per row.</summary>
    ReadOnlySpan<float> Margin { get; }

    /// <summary>The members' margins of the last run, one row after the other.</summary>
    ReadOnlySpan<float> MemberMargins { get; }

    /// <summary>Runs the first rows. Allocates nothing.</summary>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="DeviceFailedException">The device failed.</exception>
    void Run(int rows);
}

/// <summary>What a lane runs.</summary>
/// <param name="Bytes">The ONNX graph.</param>
/// <param name="Features">Columns of its input.</param>
/// <param name="Members">Columns of its member margins.</param>
/// <param name="Buckets">Numbers of rows that runs are made of.</param>
public sealed record LaneGraph(byte[] Bytes, int Features, int Members, SizeBuckets Buckets);

/// <summary>A device would run a graph otherwise than it has to be run; the message says how.</summary>
public sealed class DeviceRefusedException(string message) : Exception(message);

/// <summary>A device does not work any more, or has given other answers than the CPU; the message says what it did.</summary>
public sealed class DeviceFailedException(string message) : Exception(message);
