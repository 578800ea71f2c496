namespace FraudScoring.Inference.Ensembles;

/// <summary>Effect of a model's thresholds on the payments of a segment. Costs are in the catalogue's reference currency.</summary>
/// <param name="Segment">The segment, in words; <see cref="All"/> or <see cref="Others"/>.</param>
/// <param name="Payments">Number of payments.</param>
/// <param name="Frauds">Number of frauds among them.</param>
/// <param name="FraudsCaught">Share of the frauds that is reviewed, challenged or declined; null without frauds.</param>
/// <param name="FalsePositiveRate">Share of the legitimate payments that is reviewed, challenged or declined; null without any.</param>
/// <param name="Precision">Share of frauds among the payments reviewed, challenged or declined; null without any.</param>
/// <param name="ReviewsPerDay">Payments reviewed per day.</param>
/// <param name="Challenges">Payments challenged.</param>
/// <param name="Declines">Payments declined.</param>
/// <param name="CostPerThousand">Cost of 1,000 payments with these thresholds.</param>
/// <param name="CostPerThousandApproved">Their cost if all are approved.</param>
/// <param name="CostPerThousandByRates">Their cost with thresholds set to fixed shares of the legitimate payments.</param>
public sealed record OperatingRow(
    string Segment, int Payments, int Frauds, double? FraudsCaught, double? FalsePositiveRate, double? Precision, double ReviewsPerDay,
    int Challenges, int Declines, double CostPerThousand, double CostPerThousandApproved, double CostPerThousandByRates)
{
    /// <summary>Name of the row for all payments.</summary>
    public const string All = "all";

    /// <summary>Name of the row for payments of segments without thresholds of their own.</summary>
    public const string Others = "others";
}
