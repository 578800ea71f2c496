using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: groups of payments are treated alike within the limits.</summary>
/// <remarks>
/// Measures are ratios or differences between the extreme groups, not averages, since an average hides one badly treated group. Small
/// groups are left out because their extremes are noise: with ten legitimate payments, one false positive is a rate of 10 %.
/// </remarks>
internal static class FairnessGates
{
    private const string Calibration = "observed_to_expected";

    public static IEnumerable<FairnessMeasure> Measures(FairnessSettings settings)
    {
        yield return new("approved_ratio", "Lowest share approved divided by the highest (four-fifths rule)",
            settings.ApprovedRatioAtLeast, true, false, segment => FairnessMetrics.ParityRatioOfApproved(segment.Counted));
        if (settings.FlaggedRatioAtLeast is { } limit)
        {
            yield return new("flagged_ratio", "Lowest share flagged divided by the highest", limit, true, false,
                segment => FairnessMetrics.ParityRatioOfFlagged(segment.Counted));
        }
        yield return new("opportunity_difference", "Difference between groups in the share of frauds flagged (equal opportunity)",
            settings.OpportunityDifferenceAtMost, false, true,
            segment => FairnessMetrics.EqualOpportunityDifference(segment.CountedFrauds));
        yield return new("false_positive_difference", "Difference between groups in the share of legitimate payments flagged",
            settings.FalsePositiveDifferenceAtMost, false, false, segment => FairnessMetrics.FalsePositiveRateDifference(segment.Counted));
        yield return new("odds_difference", "The larger of both differences, among groups with enough frauds (equalized odds)",
            settings.OddsDifferenceAtMost, false, true, segment => FairnessMetrics.EqualizedOddsDifference(segment.CountedFrauds));
        yield return new(Calibration, "Frauds observed over expected, farthest from 1", settings.RatioAtMost, false, false,
            segment => Worst(segment).Calibration.AtLeast);
    }

    /// <summary>A ratio with its interval, and which bound is judged, as the end of a sentence.</summary>
    public static string Describe(ObservedToExpected ratio, string where) => string.Create(CultureInfo.InvariantCulture,
        $"{ratio.Observed:#,0} over {ratio.Expected:#,0.0} = {ratio.Ratio:0.000} {where}, 95 % Wilson interval {ratio.Low:0.000} to "
            + $"{ratio.High:0.000}; the bound nearer to 1, or its inverse, is compared with the limit.");

    private static FairnessGroup Worst(FairnessSegment segment) =>
        segment.Groups.Where(group => group.Counts).MaxBy(group => group.Calibration.Distance)!;

    /// <summary>Judges every measure of every segment.</summary>
    public static IEnumerable<GateResult> Judge(IEnumerable<FairnessSegment> segments, FairnessSettings settings) =>
        segments.SelectMany(segment => Measures(settings).Select(measure => Gate(segment, measure, settings)));

    private static GateResult Gate(FairnessSegment segment, FairnessMeasure measure, FairnessSettings settings)
    {
        var name = GateNames.Fairness(segment.Field, measure.Name);
        var counted = measure.IsOnFrauds ? segment.CountedFrauds.Length : segment.Counted.Length;
        var minimum = string.Create(CultureInfo.InvariantCulture, $"{settings.PaymentsAtLeast:#,0} payments")
            + (measure.IsOnFrauds ? string.Create(CultureInfo.InvariantCulture, $" and {settings.FraudsAtLeast:#,0} frauds") : "");
        if (counted < 2)
        {
            return GateResult.NotApplicable(name, measure.Limit, measure.IsAtLeast,
                $"{counted} of {segment.Groups.Count} groups have {minimum} or more; at least two are needed.");
        }
        var detail = $"{measure.Text}, over {counted} of {segment.Groups.Count} groups: those with {minimum} or more."
            + (measure.Name == Calibration ? $" It is {Describe(Worst(segment).Calibration, $"for {Worst(segment).Name}")}" : "");
        var value = measure.Compute(segment);
        return measure.IsAtLeast
            ? GateResult.AtLeast(name, value, measure.Limit, detail)
            : GateResult.AtMost(name, value, measure.Limit, detail);
    }
}

/// <summary>A fairness measure and its limit.</summary>
/// <param name="Name">Last part of the gate's name.</param>
/// <param name="Text">Description for the report.</param>
/// <param name="Limit">The limit.</param>
/// <param name="IsAtLeast">True if the limit is a lower bound, false if it is an upper bound.</param>
/// <param name="IsOnFrauds">True if only groups with enough frauds count.</param>
/// <param name="Compute">Computes the measure of a segment.</param>
internal sealed record FairnessMeasure(string Name, string Text, double Limit, bool IsAtLeast, bool IsOnFrauds,
    Func<FairnessSegment, double> Compute);
