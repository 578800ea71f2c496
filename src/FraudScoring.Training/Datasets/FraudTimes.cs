namespace FraudScoring.Training.Datasets;

/// <summary>When a payment became known as fraud, and when that changed. The default value is a fraud that was always known.</summary>
/// <param name="FirstMs">
/// When it was first labelled fraud, milliseconds since the Unix epoch; <see cref="long.MaxValue"/> if it never was.
/// </param>
internal readonly record struct FraudTimes(long FirstMs)
{
    /// <summary>When it was taken back, labelled fraud again, and so on, in order; null if never.</summary>
    public long[]? Changes { get; init; }

    /// <summary>True if the payment was known as fraud at a time, milliseconds since the Unix epoch.</summary>
    public bool IsFraudAt(long timeMs) =>
        FirstMs <= timeMs && (Changes is null || (Changes.Count(change => change <= timeMs) & 1) == 0);
}
