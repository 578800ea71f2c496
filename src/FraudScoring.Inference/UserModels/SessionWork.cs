using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>A request on tensors, to be run by a session.</summary>
/// <param name="inputs">The inputs.</param>
/// <param name="outputs">The requested outputs.</param>
/// <param name="options">Options of the run, terminated when the caller gives up.</param>
internal sealed class SessionWork(BoundTensors inputs, IReadOnlyList<TensorSpec> outputs, RunOptions options) : IDeviceWork<IDeviceSession>
{
    /// <summary>The answer of the last run.</summary>
    public Tensor[] Answer { get; private set; } = [];

    public bool IsAbandoned => options.Terminate;

    public string? Run(IDeviceSession session)
    {
        Answer = inputs.Run(session, outputs, options);
        return AnswerCheck.FindInvalid(Answer, outputs);
    }
}
