namespace FraudScoring.Inference.Batching;

/// <summary>How requests become batches.</summary>
public sealed record BatchSettings
{
    /// <summary>Most rows of one run.</summary>
    public int MaxRows { get; init; } = 256;

    /// <summary>Most requests that wait.</summary>
    public int QueueCapacity { get; init; } = 1024;

    /// <summary>How long a batch that is not full waits for more. Zero: it is what came while the run before it was in flight.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.Zero;

    /// <summary>From how many requests at a time on the device is used; 0: found out when the model is loaded.</summary>
    public int TransferThreshold { get; init; }

    /// <summary>How long after a failure the device is tried again; doubled after each try that fails.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);
}
