using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Groups of payments are treated alike, as far as the limits ask.</summary>
internal static class FairnessGates
{
    /// <summary>What is bounded, with its limit.</summary>
    public static IEnumerable<FairnessMeasure> Measures(FairnessSettings settings)
    {
        yield return new("approved_ratio", "Lowest share approved over the highest (four-fifths rule)", settings.ApprovedRatioAtLeast, true, false,
            segment => FairnessMetrics.ParityRatioOfApproved(segment.Counted));
        if (settings.FlaggedRatioAtLeast is { } limit)
        {
            yield return new("flagged_ratio", "Lowest share flagged over the highest", limit, true, false,
                segment => FairnessMetrics.ParityRatioOfFlagged(segment.Counted));
        }
        yield return new("opportunity_difference", "Difference of the shares of frauds that are flagged (equal opportunity)",
            settings.OpportunityDifferenceAtMost, false, true, segment => FairnessMetrics.EqualOpportunityDifference(segment.CountedFrauds));
        yield return new("false_positive_difference", "Difference of the shares of legitimate payments that are flagged",
            settings.FalsePositiveDifferenceAtMost, false, false, segment => FairnessMetrics.FalsePositiveRateDifference(segment.Counted));
        yield return new("odds_difference", "The larger of both differences, among groups with frauds enough (equalized odds)",
            settings.OddsDifferenceAtMost, false, true, segment => FairnessMetrics.EqualizedOddsDifference(segment.CountedFrauds));
        yield return new("calibration_error", "Largest calibration error of a group", settings.CalibrationErrorAtMost, false, false,
            segment => segment.Groups.Where(g => g.Counts).Max(g => g.CalibrationError));
    }

    /// <summary>Every measure of every segment.</summary>
    public static IEnumerable<GateResult> Judge(IEnumerable<FairnessSegment> segments, FairnessSettings settings) => segments.SelectMany(segment =>
        Measures(settings).Select(measure => Gate(segment, measure, settings)));

    private static GateResult Gate(FairnessSegment segment, FairnessMeasure measure, FairnessSettings settings)
    {
        var name = GateNames.Fairness(segment.Field, measure.Name);
        var counted = measure.IsOnFrauds ? segment.CountedFrauds.Length : segment.Counted.Length;
        var minimum = string.Create(CultureInfo.InvariantCulture, $"{settings.PaymentsAtLeast:#,0} payments")
            + (measure.IsOnFrauds ? string.Create(CultureInfo.InvariantCulture, $" and {settings.FraudsAtLeast:#,0} frauds") : "");
        if (counted < 2)
        {
            return GateResult.NotApplicable(name, measure.Limit, measure.IsAtLeast,
                $"{counted} of {segment.Groups.Count} groups have {minimum} or more; two are needed.");
        }
        var detail = $"{measure.Text}, over {counted} of {segment.Groups.Count} groups: those with {minimum} or more.";
        var value = measure.Compute(segment);
        return measure.IsAtLeast ? GateResult.AtLeast(name, value, measure.Limit, detail) : GateResult.AtMost(name, value, measure.Limit, detail);
    }
}

/// <summary>One measure of fairness.</summary>
/// <param name="Name">Last part of its gates' names.</param>
/// <param name="Text">What it is.</param>
/// <param name="Limit">What it is held against.</param>
/// <param name="IsAtLeast">True when it must not be below the limit.</param>
/// <param name="IsOnFrauds">It needs groups with frauds enough.</param>
/// <param name="Compute">Measures a segment.</param>
internal sealed record FairnessMeasure(string Name, string Text, double Limit, bool IsAtLeast, bool IsOnFrauds,
    Func<FairnessSegment, double> Compute);
