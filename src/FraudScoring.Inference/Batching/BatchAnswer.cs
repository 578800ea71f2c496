namespace FraudScoring.Inference.Batching;

/// <summary>How a request to score one row ended.</summary>
public enum BatchOutcome
{
    /// <summary>The request was scored.</summary>
    Scored,
    /// <summary>The queue was full.</summary>
    QueueFull,
    /// <summary>There was no score by the deadline.</summary>
    DeadlineMissed,
    /// <summary>The caller cancelled the request.</summary>
    Cancelled,
    /// <summary>The model was unloaded.</summary>
    Stopped,
    /// <summary>The run failed on the device and on the CPU.</summary>
    RunFailed,
}

/// <summary>How long each stage of a scored row took, in timestamp ticks of the time provider.</summary>
/// <param name="Queue">Waiting in the queue.</param>
/// <param name="Input">Copying the features into the device's buffers.</param>
/// <param name="Infer">Running the graph, including copies to and from the device.</param>
/// <param name="Output">Reading the results.</param>
public readonly record struct RunTimes(long Queue, long Input, long Infer, long Output);

/// <summary>The answer to a request to score one row.</summary>
/// <param name="Outcome">How the request ended.</param>
/// <param name="Score">The score; default unless the outcome is <see cref="BatchOutcome.Scored"/>.</param>
/// <param name="Times">Duration of each stage; default unless scored.</param>
/// <param name="Device">Name of the device that ran the row; empty unless scored.</param>
public readonly record struct BatchAnswer(
    BatchOutcome Outcome, EnsembleScore Score = default, RunTimes Times = default, string Device = "");
