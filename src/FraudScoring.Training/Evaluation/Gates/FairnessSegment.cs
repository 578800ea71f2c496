using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The payments of one group and how they were decided.</summary>
/// <param name="Name">The group: a value of the segment's field.</param>
/// <param name="Outcomes">Counts of payments by label and decision.</param>
/// <param name="Calibration">Frauds observed over expected.</param>
/// <param name="Counts">True if the group is large enough for the gates.</param>
/// <param name="CountsFrauds">True if the group also has enough frauds for the measures on frauds.</param>
internal sealed record FairnessGroup(
    string Name, GroupOutcomes Outcomes, ObservedToExpected Calibration, bool Counts, bool CountsFrauds)
{
    /// <summary>Mean fraud probability; equals the group's share of frauds if calibrated.</summary>
    public double MeanProbability => Calibration.Expected / Calibration.Payments;
}

/// <summary>Payments grouped by the values of one field.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Groups">The groups, largest first.</param>
internal sealed record FairnessSegment(string Field, IReadOnlyList<FairnessGroup> Groups)
{
    /// <summary>The groups that are large enough for the gates.</summary>
    public GroupOutcomes[] Counted => [.. Groups.Where(g => g.Counts).Select(g => g.Outcomes)];

    /// <summary>The groups with enough frauds for the measures on frauds.</summary>
    public GroupOutcomes[] CountedFrauds => [.. Groups.Where(g => g.CountsFrauds).Select(g => g.Outcomes)];

    /// <param name="field">Name of the field.</param>
    /// <param name="groups">The group of each payment.</param>
    /// <param name="probabilities">The fraud probability of each payment.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="thresholdOf">Returns the lowest probability at which the payment at an index is flagged.</param>
    /// <param name="settings">The smallest groups that count.</param>
    public static FairnessSegment Create(
        string field, IReadOnlyList<string> groups, double[] probabilities, bool[] labels,
        Func<int, double> thresholdOf, FairnessSettings settings)
    {
        var grouped = Enumerable.Range(0, groups.Count).GroupBy(i => groups[i], StringComparer.Ordinal).Select(group =>
        {
            int[] own = [.. group];
            double[] scores = [.. own.Select(i => probabilities[i])];
            bool[] truth = [.. own.Select(i => labels[i])];
            var outcomes = new GroupOutcomes();
            for (var i = 0; i < scores.Length; i++)
            {
                outcomes = outcomes.With(truth[i], scores[i] >= thresholdOf(own[i]));
            }
            var counts = outcomes.Count >= settings.PaymentsAtLeast;
            return new FairnessGroup(group.Key, outcomes, ObservedToExpected.Compute(scores, truth), counts,
                counts && outcomes.Frauds >= settings.FraudsAtLeast);
        });
        return new FairnessSegment(
            field, [.. grouped.OrderByDescending(g => g.Outcomes.Count).ThenBy(g => g.Name, StringComparer.Ordinal)]);
    }
}
