using FraudScoring.Inference.Batching;

namespace FraudScoring.Inference.UserModels;

/// <summary>A run of a served model on a request's tensors, for <see cref="GuardedRun"/>.</summary>
/// <param name="Model">The model.</param>
/// <param name="Inputs">All its inputs, checked by <see cref="TensorCheck"/>.</param>
/// <param name="Outputs">The outputs that are wanted.</param>
/// <param name="Cancellation">The caller goes away.</param>
public readonly record struct TensorRun(
    IServedModel Model, IReadOnlyList<Tensor> Inputs, IReadOnlyList<TensorSpec> Outputs, CancellationToken Cancellation) : IGuardedRun<ModelAnswer>
{
    /// <inheritdoc />
    public ValueTask<ModelAnswer> RunAsync() => new(Model.Run(Inputs, Outputs, Cancellation));

    /// <summary>A model that is well has an answer for ordinary values; for others it need not.</summary>
    public RunResult Judge(ModelAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return AnswerCheck.WhyNone(answer.Tensors, Outputs) is not { } why ? new RunResult(RunOutcome.Valid)
            : new RunResult(AnswerCheck.AreOrdinary(Inputs, Model.TakesMissing) ? RunOutcome.OutOfRange : RunOutcome.NotBlamed, $"gave {why}");
    }

    /// <summary>
    /// Names, types and shapes were right: what the runtime of a user model refuses are values, or free axes that do not go together. All else
    /// is the model's fault.
    /// </summary>
    public RunResult Judge(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is ModelRunException { IsOfModel: false }
            ? new RunResult(RunOutcome.NotBlamed, $"could not be run on them: {exception.Message}")
            : new RunResult(RunOutcome.RunFailed, $"could not be run: {exception.Message}");
    }
}
