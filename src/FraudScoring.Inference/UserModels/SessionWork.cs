using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>A request for tensors, to be run by a session.</summary>
/// <param name="inputs">The inputs.</param>
/// <param name="outputs">The outputs that are wanted.</param>
/// <param name="options">How it is run; tells when the caller has gone away.</param>
internal sealed class SessionWork(BoundTensors inputs, IReadOnlyList<TensorSpec> outputs, RunOptions options) : IDeviceWork<IDeviceSession>
{
    /// <summary>What the last run gave.</summary>
    public Tensor[] Answer { get; private set; } = [];

    public bool IsAbandoned => options.Terminate;

    public string? Run(IDeviceSession session)
    {
        Answer = inputs.Run(session, outputs, options);
        return AnswerCheck.WhyNone(Answer, outputs);
    }
}
