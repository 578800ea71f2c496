using System.Runtime.CompilerServices;

namespace FraudScoring.Inference.Batching;

/// <summary>How a guarded run ended.</summary>
public enum RunOutcome
{
    /// <summary>The answer is valid.</summary>
    Valid,
    /// <summary>The answer is NaN or out of range, and the model is to blame.</summary>
    OutOfRange,
    /// <summary>The run failed, and the model is to blame.</summary>
    RunFailed,
    /// <summary>There is no valid answer, but not by the model's fault: it came too late, or the inputs allow none.</summary>
    NotBlamed,
    /// <summary>The model is quarantined and was not run.</summary>
    Quarantined,
}

/// <summary>What a run says of its model.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why there is no valid answer, such as "gave NaN in probabilities"; empty when there is one.</param>
public readonly record struct RunResult(RunOutcome Outcome, string Reason = "");

/// <summary>What a guarded run ended with.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Answer">The model's answer; null, or its default, when the run failed or there was none.</param>
public readonly record struct GuardedAnswer<TAnswer>(RunResult Result, TAnswer? Answer = default);

/// <summary>A run of a model, and what its end says of the model.</summary>
public interface IGuardedRun<TAnswer>
{
    /// <summary>The caller goes away: a run it ends is rethrown and says nothing of the model.</summary>
    CancellationToken Cancellation { get; }

    /// <summary>Runs the model.</summary>
    ValueTask<TAnswer> RunAsync();

    /// <summary>Judges an answer.</summary>
    RunResult Judge(TAnswer answer);

    /// <summary>Judges an exception.</summary>
    RunResult Judge(Exception exception);
}

/// <summary>
/// The one way to run a model for others, payments and the Open Inference Protocol alike: asks the model's quarantine, runs, and records how
/// it went. Whatever the model does, there is an answer, and a probe is given back.
/// </summary>
public static class GuardedRun
{
    /// <summary>Runs a model under its quarantine. Allocates nothing of its own when the run completes at once.</summary>
    /// <param name="quarantine">The model's quarantine.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<GuardedAnswer<TAnswer>> RunAsync<TRun, TAnswer>(Quarantine quarantine, TRun run)
        where TRun : IGuardedRun<TAnswer>
    {
        using var admission = quarantine.Enter();
        if (!admission.IsGranted)
        {
            return new(new RunResult(RunOutcome.Quarantined, "is quarantined"));
        }
        var answer = default(TAnswer);
        RunResult result;
        try
        {
            answer = await run.RunAsync();
            result = run.Judge(answer);
        }
        catch (Exception e) when (!(e is OperationCanceledException && run.Cancellation.IsCancellationRequested))
        {
            // Not only the runtime's exceptions: a model that makes our own code fail is no better.
            result = run.Judge(e);
        }
        if (result.Outcome == RunOutcome.Valid)
        {
            admission.RecordSuccess();
        }
        else if (result.Outcome != RunOutcome.NotBlamed)
        {
            admission.RecordFailure(result);
        }
        return new(result, answer);
    }
}
