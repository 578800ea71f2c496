namespace FraudScoring.Inference.Devices;

/// <summary>Hardware that runs ONNX graphs: the CPU or a GPU.</summary>
public interface IDevice
{
    /// <summary>Its name in metrics and log lines, such as "cpu" or "cuda:0".</summary>
    string Name { get; }

    /// <summary>
    /// Opens a lane for a graph, checked and warmed: a session of its own, and buffers for every size bucket. Only the thread that opened a
    /// lane may use it, since recorded CUDA graphs are kept per thread.
    /// </summary>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The runtime cannot run the graph on this device.</exception>
    /// <exception cref="DeviceRefusedException">The runtime could run the graph, but not as required.</exception>
    IDeviceLane OpenLane(LaneGraph graph);

    /// <summary>Opens a session for any graph, checked by a run on sample inputs.</summary>
    /// <param name="model">The ONNX graph.</param>
    /// <param name="sample">Inputs to run it on.</param>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The runtime cannot run the graph on this device.</exception>
    /// <exception cref="DeviceRefusedException">The runtime could run the graph, but not as required.</exception>
    IDeviceSession OpenSession(byte[] model, NamedValues sample);
}

/// <summary>A session with fixed buffers, for one run at a time: write rows to <see cref="Features"/>, run, and read the outputs.</summary>
public interface IDeviceLane : IDisposable
{
    /// <summary>Largest number of rows in one run.</summary>
    int MaxRows { get; }

    /// <summary>The features of the rows to run, row by row.</summary>
    Span<float> Features { get; }

    /// <summary>Calibrated probabilities of the last run, one per row.</summary>
    ReadOnlySpan<float> Probability { get; }

    /// <summary>The stacker's margins of the last run, one per row.</summary>
    ReadOnlySpan<float> Margin { get; }

    /// <summary>The members' margins of the last run, row by row.</summary>
    ReadOnlySpan<float> MemberMargins { get; }

    /// <summary>Runs the given number of rows, from the first one. Allocates nothing.</summary>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="DeviceFailedException">The device failed.</exception>
    void Run(int rows);
}

/// <summary>The graph of a lane.</summary>
/// <param name="Bytes">The ONNX graph.</param>
/// <param name="Features">Number of columns of its input.</param>
/// <param name="Members">Number of columns of its member margins.</param>
/// <param name="Buckets">Sizes of its runs, in rows.</param>
public sealed record LaneGraph(byte[] Bytes, int Features, int Members, SizeBuckets Buckets);

/// <summary>A device cannot run a graph as required, for example not all of it on the GPU. The message says why.</summary>
public sealed class DeviceRefusedException(string message) : Exception(message);

/// <summary>A device failed, or its answers differ from the CPU's. The message says how.</summary>
public sealed class DeviceFailedException(string message) : Exception(message);
