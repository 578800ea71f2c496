using FraudScoring.Inference.Batching;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A run of an ensemble on one payment's row, for <see cref="GuardedRun"/>.</summary>
/// <param name="Ensemble">The ensemble.</param>
/// <param name="Row">One float per feature of the catalogue.</param>
/// <param name="MemberMargins">Room for one margin per member.</param>
/// <param name="Deadline">Time stamp at which an answer is no longer of use.</param>
public readonly record struct EnsembleRun(Ensemble Ensemble, float[] Row, float[] MemberMargins, long Deadline) : IGuardedRun<BatchAnswer>
{
    /// <summary>A payment that was admitted is always answered.</summary>
    public CancellationToken Cancellation => CancellationToken.None;

    /// <inheritdoc />
    public ValueTask<BatchAnswer> RunAsync() => Ensemble.RunAsync(Row, MemberMargins, Deadline);

    /// <inheritdoc />
    public RunResult Judge(BatchAnswer answer) => answer.Outcome switch
    {
        BatchOutcome.Scored when answer.Score.Probability is >= 0 and <= 1 => new RunResult(RunOutcome.Valid),
        BatchOutcome.Scored => new RunResult(RunOutcome.OutOfRange, "gave an invalid probability (NaN or outside 0..1)"),
        BatchOutcome.RunFailed => new RunResult(RunOutcome.RunFailed, "could not be run: it failed on the device and on the CPU"),
        _ => new RunResult(RunOutcome.NotBlamed),
    };

    /// <inheritdoc />
    public RunResult Judge(Exception exception) => new(RunOutcome.RunFailed, $"could not be run: {exception.Message}");
}
