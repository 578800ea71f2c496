using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>A graph of any inputs and outputs on a device. Tensors are in the host's memory on both sides. Safe to use from many threads.</summary>
public interface IDeviceSession : IDisposable
{
    /// <summary>Runs it.</summary>
    /// <param name="options">How; its end may be asked for by it.</param>
    /// <param name="inputs">Inputs of the graph.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="DeviceFailedException">The device failed.</exception>
    IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, NamedValues inputs, IReadOnlyCollection<string> outputs);
}

/// <summary>Inputs of a graph; their owner disposes of the values.</summary>
/// <param name="Names">Their names.</param>
/// <param name="Values">Their values, in the order of the names.</param>
public sealed record NamedValues(IReadOnlyCollection<string> Names, IReadOnlyCollection<OrtValue> Values);

/// <summary>A session of the runtime, whatever it runs on.</summary>
/// <param name="session">The session.</param>
/// <param name="ownsSession">It is disposed of here.</param>
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
