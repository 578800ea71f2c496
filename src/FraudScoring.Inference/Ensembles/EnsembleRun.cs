using FraudScoring.Inference.Batching;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A run of an ensemble on one payment's row, for <see cref="GuardedRun"/>.</summary>
/// <param name="Ensemble">The ensemble.</param>
/// <param name="Row">One float per feature of the catalogue.</param>
/// <param name="MemberMargins">Receives one margin per member.</param>
/// <param name="Deadline">Time stamp at which the caller no longer needs an answer.</param>
public readonly record struct EnsembleRun(Ensemble Ensemble, float[] Row, float[] MemberMargins, long Deadline) : IGuardedRun<BatchAnswer>
{
    /// <summary>Never cancelled: an admitted payment is always answered.</summary>
    public CancellationToken Cancellation => CancellationToken.None;

    /// <inheritdoc />
    public ValueTask<BatchAnswer> RunAsync() => Ensemble.RunAsync(Row, MemberMargins, Deadline);

    /// <inheritdoc />
    public RunResult Judge(BatchAnswer answer) => answer.Outcome switch
    {
        BatchOutcome.Scored when answer.Score.Probability is >= 0 and <= 1 => new RunResult(RunOutcome.Valid),
        BatchOutcome.Scored => new RunResult(RunOutcome.OutOfRange, "returned an invalid probability (NaN or outside 0..1)"),
        BatchOutcome.RunFailed => new RunResult(RunOutcome.RunFailed, "failed to run, on the device and on the CPU"),
        _ => new RunResult(RunOutcome.NotBlamed),
    };

    /// <inheritdoc />
    public RunResult Judge(Exception exception) => new(RunOutcome.RunFailed, $"failed to run: {exception.Message}");
}
