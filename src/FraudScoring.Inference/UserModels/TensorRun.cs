using FraudScoring.Inference.Batching;

namespace FraudScoring.Inference.UserModels;

/// <summary>A run of a served model on a request's tensors, for <see cref="GuardedRun"/>.</summary>
/// <param name="Model">The model.</param>
/// <param name="Inputs">All its inputs, checked by <see cref="TensorCheck"/>.</param>
/// <param name="Outputs">The requested outputs.</param>
/// <param name="Cancellation">Cancelled when the caller gives up.</param>
public readonly record struct TensorRun(
    IServedModel Model, IReadOnlyList<Tensor> Inputs, IReadOnlyList<TensorSpec> Outputs, CancellationToken Cancellation)
    : IGuardedRun<ModelAnswer>
{
    /// <inheritdoc />
    public ValueTask<ModelAnswer> RunAsync() => new(Model.Run(Inputs, Outputs, Cancellation));

    /// <summary>
    /// An invalid answer counts against the model only if all inputs have ordinary values. For others it need not have an answer.
    /// </summary>
    public RunResult Judge(ModelAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (AnswerCheck.FindInvalid(answer.Tensors, Outputs) is not { } why)
        {
            return new RunResult(RunOutcome.Valid);
        }
        var isBlamed = AnswerCheck.AreOrdinary(Inputs, Model.TakesMissing);
        return new RunResult(isBlamed ? RunOutcome.OutOfRange : RunOutcome.NotBlamed, $"returned {why}");
    }

    /// <summary>
    /// Names, types and shapes have been checked. A run that the runtime of a user model refuses is blamed on the values, or on free axes
    /// that do not fit together. Everything else is the model's fault.
    /// </summary>
    public RunResult Judge(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is ModelRunException { IsOfModel: false }
            ? new RunResult(RunOutcome.NotBlamed, $"failed to run on these inputs: {exception.Message}")
            : new RunResult(RunOutcome.RunFailed, $"failed to run: {exception.Message}");
    }
}
