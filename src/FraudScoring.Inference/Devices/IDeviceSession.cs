using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>A graph with any inputs and outputs on a device. Tensors are in host memory on both sides. Thread-safe.</summary>
public interface IDeviceSession : IDisposable
{
    /// <summary>Runs the graph.</summary>
    /// <param name="options">Options of the run, by which it can be terminated.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">Names of the requested outputs.</param>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="DeviceFailedException">The device failed.</exception>
    IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, NamedValues inputs, IReadOnlyCollection<string> outputs);
}

/// <summary>Named inputs of a graph. The values are disposed of by their owner.</summary>
/// <param name="Names">Their names.</param>
/// <param name="Values">Their values, in the order of the names.</param>
public sealed record NamedValues(IReadOnlyCollection<string> Names, IReadOnlyCollection<OrtValue> Values);

/// <summary>A session of ONNX Runtime, on any device.</summary>
/// <param name="session">The session.</param>
/// <param name="ownsSession">True to dispose of the session together with this object.</param>
internal sealed class RuntimeSession(InferenceSession session, bool ownsSession = true) : IDeviceSession
{
    public IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, NamedValues inputs, IReadOnlyCollection<string> outputs) =>
        session.Run(options, inputs.Names, inputs.Values, outputs);

    public void Dispose()
    {
        if (ownsSession)
        {
            session.Dispose();
        }
    }
}
