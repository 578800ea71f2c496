namespace FraudScoring.Core.Statistics;

/// <summary>The decisions on the payments of one group, compared with their labels. Rates with a denominator of 0 are NaN.</summary>
/// <param name="TruePositives">Frauds flagged.</param>
/// <param name="FalsePositives">Legitimate payments flagged.</param>
/// <param name="TrueNegatives">Legitimate payments approved.</param>
/// <param name="FalseNegatives">Frauds approved.</param>
public readonly record struct GroupOutcomes(long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    /// <summary>Payments.</summary>
    public long Count => Frauds + Legitimate;

    /// <summary>Frauds, flagged or not.</summary>
    public long Frauds => TruePositives + FalseNegatives;

    /// <summary>Legitimate payments, flagged or not.</summary>
    public long Legitimate => FalsePositives + TrueNegatives;

    /// <summary>Share of the payments that is flagged.</summary>
    public double FlaggedRate => (double)(TruePositives + FalsePositives) / Count;

    /// <summary>Share of the payments that is approved.</summary>
    public double ApprovedRate => (double)(TrueNegatives + FalseNegatives) / Count;

    /// <summary>Share of the legitimate payments that is flagged.</summary>
    public double FalsePositiveRate => (double)FalsePositives / Legitimate;

    /// <summary>Share of the frauds that is flagged.</summary>
    public double TruePositiveRate => (double)TruePositives / Frauds;

    /// <summary>Share of the payments that is fraud.</summary>
    public double FraudShare => (double)Frauds / Count;

    /// <summary>The interval of <see cref="ApprovedRate"/>.</summary>
    public WilsonInterval ApprovedInterval => WilsonInterval.Compute(TrueNegatives + FalseNegatives, Count);

    /// <summary>The interval of <see cref="FalsePositiveRate"/>.</summary>
    public WilsonInterval FalsePositiveInterval => WilsonInterval.Compute(FalsePositives, Legitimate);

    /// <summary>The interval of <see cref="TruePositiveRate"/>.</summary>
    public WilsonInterval TruePositiveInterval => WilsonInterval.Compute(TruePositives, Frauds);

    /// <summary>The interval of <see cref="FraudShare"/>.</summary>
    public WilsonInterval FraudInterval => WilsonInterval.Compute(Frauds, Count);

    /// <summary>Returns the counts with one more payment.</summary>
    public GroupOutcomes With(bool fraud, bool flagged) => (fraud, flagged) switch
    {
        (true, true) => this with { TruePositives = TruePositives + 1 },
        (true, false) => this with { FalseNegatives = FalseNegatives + 1 },
        (false, true) => this with { FalsePositives = FalsePositives + 1 },
        (false, false) => this with { TrueNegatives = TrueNegatives + 1 },
    };
}
