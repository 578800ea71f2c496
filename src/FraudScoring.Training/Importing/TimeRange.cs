namespace FraudScoring.Training.Importing;

/// <summary>
/// The times that payments and labels may have. A number in the wrong unit gives a valid time, but one in 1970 or in 9999.
/// </summary>
/// <param name="NotBeforeMs">The earliest, milliseconds since the Unix epoch.</param>
/// <param name="NotAfterMs">The latest, milliseconds since the Unix epoch.</param>
internal sealed record TimeRange(long NotBeforeMs, long NotAfterMs)
{
    /// <summary>Every time.</summary>
    public static TimeRange Any { get; } = new(long.MinValue, long.MaxValue);

    public bool Contains(long timeMs) => timeMs >= NotBeforeMs && timeMs <= NotAfterMs;
}
