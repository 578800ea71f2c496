namespace FraudScoring.Inference.Batching;

/// <summary>How requests become batches.</summary>
public sealed record BatchSettings
{
    /// <summary>Largest number of rows in one run.</summary>
    public int MaxRows { get; init; } = 256;

    /// <summary>Largest number of waiting requests. Further ones are refused.</summary>
    public int QueueCapacity { get; init; } = 1024;

    /// <summary>
    /// How long a batch that is not full waits for more requests. Zero: it holds those that arrived during the previous run.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.Zero;

    /// <summary>Smallest number of concurrent requests for which the device is used; 0: measured when the model is loaded.</summary>
    public int TransferThreshold { get; init; }

    /// <summary>Time from a failure of the device to the next attempt to open it. Doubles with each failed attempt.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Upper limit of this time.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);
}
