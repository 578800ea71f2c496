using System.Runtime.CompilerServices;

namespace FraudScoring.Inference.Batching;

/// <summary>How a guarded run ended.</summary>
public enum RunOutcome
{
    /// <summary>The answer is valid.</summary>
    Valid,
    /// <summary>The answer is NaN or out of range, through the model's fault.</summary>
    OutOfRange,
    /// <summary>The run failed, through the model's fault.</summary>
    RunFailed,
    /// <summary>No valid answer, but not through the model's fault: it came too late, or the inputs are not ones it must accept.</summary>
    NotBlamed,
    /// <summary>The model is quarantined and was not run.</summary>
    Quarantined,
}

/// <summary>How a guarded run of a model ended.</summary>
/// <param name="Outcome">The kind of end.</param>
/// <param name="Reason">
/// Why there is no valid answer, as the end of a sentence about the model, such as "returned NaN in probabilities"; empty if there is one.
/// </param>
public readonly record struct RunResult(RunOutcome Outcome, string Reason = "");

/// <summary>The answer of a guarded run.</summary>
/// <param name="Result">How the run ended.</param>
/// <param name="Answer">The model's answer, also if it is invalid; default when the run failed or the model was not run.</param>
public readonly record struct GuardedAnswer<TAnswer>(RunResult Result, TAnswer? Answer = default);

/// <summary>A run of a model, and the rules by which its end counts for or against the model.</summary>
public interface IGuardedRun<TAnswer>
{
    /// <summary>Cancelled when the caller gives up. A run that ends this way is rethrown and does not count.</summary>
    CancellationToken Cancellation { get; }

    /// <summary>Runs the model.</summary>
    ValueTask<TAnswer> RunAsync();

    /// <summary>Decides whether an answer is valid, and if not, whether the model is at fault.</summary>
    RunResult Judge(TAnswer answer);

    /// <summary>Decides whether the model is at fault for an exception.</summary>
    RunResult Judge(Exception exception);
}

/// <summary>
/// Runs models for payments and for the Open Inference Protocol. Each run asks the model's quarantine for admission and reports its outcome
/// to it. Whatever the model does, the caller gets an answer, and a probe is ended.
/// </summary>
public static class GuardedRun
{
    /// <summary>Runs a model under its quarantine. Allocates nothing itself when the run completes synchronously.</summary>
    /// <param name="quarantine">The model's quarantine.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled the run.</exception>
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
            // Any exception, not only the runtime's: a model can also make the code around it fail.
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
