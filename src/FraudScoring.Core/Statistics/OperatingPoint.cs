namespace FraudScoring.Core.Statistics;

/// <summary>What a threshold catches and what it costs: payments with a score at or above it are flagged.</summary>
/// <param name="Threshold">The lowest score that is flagged.</param>
/// <param name="TruePositives">Frauds flagged.</param>
/// <param name="FalsePositives">Legitimate payments flagged.</param>
/// <param name="Positives">Frauds in all.</param>
/// <param name="Negatives">Legitimate payments in all.</param>
public readonly record struct OperatingPoint(double Threshold, long TruePositives, long FalsePositives, long Positives, long Negatives)
{
    /// <summary>Share of the frauds that is flagged: recall.</summary>
    public double TruePositiveRate => (double)TruePositives / Positives;

    /// <summary>Share of the legitimate payments that is flagged.</summary>
    public double FalsePositiveRate => (double)FalsePositives / Negatives;

    /// <summary>Share of the flagged that is fraud; NaN where nothing is flagged.</summary>
    public double Precision => (double)TruePositives / (TruePositives + FalsePositives);
}
