namespace FraudScoring.Inference.Batching;

/// <summary>How a request to score one row ended.</summary>
public enum BatchOutcome
{
    /// <summary>There is a score.</summary>
    Scored,
    /// <summary>Too many others waited.</summary>
    QueueFull,
    /// <summary>It was not run, or not to its end, by its deadline.</summary>
    DeadlineMissed,
    /// <summary>Its caller went away.</summary>
    Cancelled,
    /// <summary>The model was let go of.</summary>
    Stopped,
    /// <summary>The run failed on the device and on the CPU.</summary>
    RunFailed,
}

/// <summary>Where the time of a scored row went, in ticks of the time provider's time stamps.</summary>
/// <param name="Queue">It waited.</param>
/// <param name="Input">Its features were copied to the device's buffers.</param>
/// <param name="Infer">The graph ran, copies from and to the device included.</param>
/// <param name="Output">The answers were taken out.</param>
public readonly record struct RunTimes(long Queue, long Input, long Infer, long Output);

/// <summary>What a request to score one row ended with.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Score">The score, when there is one.</param>
/// <param name="Times">Where its time went, when there is a score.</param>
/// <param name="Device">Name of the device that ran it, when there is a score.</param>
public readonly record struct BatchAnswer(BatchOutcome Outcome, EnsembleScore Score = default, RunTimes Times = default, string Device = "");
