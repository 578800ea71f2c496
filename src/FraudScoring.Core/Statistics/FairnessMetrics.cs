namespace FraudScoring.Core.Statistics;

/// <summary>
/// How alike groups are treated, in the field's usual measures. A ratio is the lowest rate over the highest, 1 when all are alike, and a
/// difference the highest minus the lowest. A group whose rate has nothing to divide by takes no part in it.
/// </summary>
public static class FairnessMetrics
{
    /// <summary>Ratio of the shares flagged; 1 when nothing is flagged in any group.</summary>
    public static double ParityRatioOfFlagged(IEnumerable<GroupOutcomes> groups) => Ratio(groups.Select(g => g.FlaggedRate));

    /// <summary>Ratio of the shares approved: what the four-fifths rule asks to be at least 0.8.</summary>
    public static double ParityRatioOfApproved(IEnumerable<GroupOutcomes> groups) => Ratio(groups.Select(g => g.ApprovedRate));

    /// <summary>Difference of the shares flagged: demographic parity.</summary>
    public static double DemographicParityDifference(IEnumerable<GroupOutcomes> groups) => Difference(groups.Select(g => g.FlaggedRate));

    /// <summary>Difference of the shares of frauds that are flagged (Hardt, Price, Srebro, 2016).</summary>
    public static double EqualOpportunityDifference(IEnumerable<GroupOutcomes> groups) => Difference(groups.Select(g => g.TruePositiveRate));

    /// <summary>Difference of the shares of legitimate payments that are flagged.</summary>
    public static double FalsePositiveRateDifference(IEnumerable<GroupOutcomes> groups) => Difference(groups.Select(g => g.FalsePositiveRate));

    /// <summary>The larger of the differences among frauds and among legitimate payments: equalized odds.</summary>
    public static double EqualizedOddsDifference(IReadOnlyCollection<GroupOutcomes> groups)
    {
        var (opportunity, falsePositives) = (EqualOpportunityDifference(groups), FalsePositiveRateDifference(groups));
        return double.IsNaN(opportunity) ? falsePositives : double.IsNaN(falsePositives) ? opportunity : Math.Max(opportunity, falsePositives);
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
