using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>How the payments of one group are treated.</summary>
/// <param name="Name">The group: a value of the segment's field.</param>
/// <param name="Outcomes">How they were decided.</param>
/// <param name="MeanProbability">Mean fraud probability, beside the group's share of frauds.</param>
/// <param name="CalibrationError">Calibration error within the group.</param>
/// <param name="Counts">It is large enough to be counted.</param>
/// <param name="CountsFrauds">It has frauds enough to take part in what is measured on frauds.</param>
internal sealed record FairnessGroup(
    string Name, GroupOutcomes Outcomes, double MeanProbability, double CalibrationError, bool Counts, bool CountsFrauds);

/// <summary>The groups of one field's values.</summary>
/// <param name="Field">The field.</param>
/// <param name="Groups">Its groups, the largest first.</param>
internal sealed record FairnessSegment(string Field, IReadOnlyList<FairnessGroup> Groups)
{
    /// <summary>The groups that be counted.</summary>
    public GroupOutcomes[] Counted => [.. Groups.Where(g => g.Counts).Select(g => g.Outcomes)];

    /// <summary>Those that take part in what is measured on frauds.</summary>
    public GroupOutcomes[] CountedFrauds => [.. Groups.Where(g => g.CountsFrauds).Select(g => g.Outcomes)];

    /// <summary>Makes groups of payments.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="groups">The group of each payment.</param>
    /// <param name="probabilities">The fraud probability of each.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="thresholdOf">The lowest probability at which the payment at a position is flagged.</param>
    /// <param name="settings">How large a group must be.</param>
    public static FairnessSegment Create(
        string field, IReadOnlyList<string> groups, double[] probabilities, bool[] labels, Func<int, double> thresholdOf, FairnessSettings settings)
    {
        var made = Enumerable.Range(0, groups.Count).GroupBy(i => groups[i], StringComparer.Ordinal).Select(group =>
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
            return new FairnessGroup(group.Key, outcomes, scores.Average(), CalibrationMetrics.CalibrationError(scores, truth),
                counts, counts && outcomes.Frauds >= settings.FraudsAtLeast);
        });
        return new FairnessSegment(field, [.. made.OrderByDescending(g => g.Outcomes.Count).ThenBy(g => g.Name, StringComparer.Ordinal)]);
    }
}
