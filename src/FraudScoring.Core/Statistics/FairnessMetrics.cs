namespace FraudScoring.Core.Statistics;

/// <summary>
/// The usual measures of how equally groups are treated. A ratio is the lowest rate over the highest, 1 if all are equal; a difference is
/// the highest rate minus the lowest. Groups whose rate has a denominator of 0 are ignored;
/// a measure is NaN if no group has the rate.
/// </summary>
public static class FairnessMetrics
{
    /// <summary>Ratio of the flagged shares; 1 if no group has a flagged payment.</summary>
    public static double ParityRatioOfFlagged(IEnumerable<GroupOutcomes> groups) => Ratio(groups.Select(g => g.FlaggedRate));

    /// <summary>Ratio of the approved shares, which the four-fifths rule requires to be at least 0.8.</summary>
    public static double ParityRatioOfApproved(IEnumerable<GroupOutcomes> groups) => Ratio(groups.Select(g => g.ApprovedRate));

    /// <summary>Difference of the flagged shares: demographic parity.</summary>
    public static double DemographicParityDifference(IEnumerable<GroupOutcomes> groups) => Difference(groups.Select(g => g.FlaggedRate));

    /// <summary>Difference of the flagged shares of frauds (Hardt, Price, Srebro, 2016).</summary>
    public static double EqualOpportunityDifference(IEnumerable<GroupOutcomes> groups) =>
        Difference(groups.Select(g => g.TruePositiveRate));

    /// <summary>Difference of the flagged shares of legitimate payments.</summary>
    public static double FalsePositiveRateDifference(IEnumerable<GroupOutcomes> groups) =>
        Difference(groups.Select(g => g.FalsePositiveRate));

    /// <summary>The larger of the differences for frauds and for legitimate payments: equalized odds.</summary>
    public static double EqualizedOddsDifference(IReadOnlyCollection<GroupOutcomes> groups)
    {
        var (opportunity, falsePositives) = (EqualOpportunityDifference(groups), FalsePositiveRateDifference(groups));
        return double.IsNaN(opportunity) ? falsePositives
            : double.IsNaN(falsePositives) ? opportunity
            : Math.Max(opportunity, falsePositives);
    }

    private static double Ratio(IEnumerable<double> rates)
    {
        var (lowest, highest) = Range(rates);
        return highest == 0 ? 1 : lowest / highest;
    }

    private static double Difference(IEnumerable<double> rates)
    {
        var (lowest, highest) = Range(rates);
        return highest - lowest;
    }

    private static (double Lowest, double Highest) Range(IEnumerable<double> rates)
    {
        var known = rates.Where(rate => !double.IsNaN(rate)).ToList();
        return known.Count == 0 ? (double.NaN, double.NaN) : (known.Min(), known.Max());
    }
}
