using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The challenger's quality on consecutive days of the period.</summary>
/// <param name="FirstDay">First day, since the Unix epoch.</param>
/// <param name="LastDay">Last day, since the Unix epoch.</param>
/// <param name="Payments">Number of payments.</param>
/// <param name="Frauds">Frauds among the payments.</param>
/// <param name="AveragePrecision">Average precision; NaN if the fold has only one class.</param>
/// <param name="Auc">Area under the ROC curve; NaN if the fold has only one class.</param>
/// <param name="Calibration">Frauds observed over expected.</param>
/// <param name="Counts">True if the fold has enough frauds for the gates.</param>
internal sealed record PeriodFold(
    int FirstDay, int LastDay, int Payments, int Frauds, double AveragePrecision, double Auc, ObservedToExpected Calibration, bool Counts)
{
    /// <summary>Cuts the period into folds of equal length, starting at its first day. The last fold may be shorter.</summary>
    /// <remarks>
    /// Folds are calendar days rather than equal numbers of payments: drift and attacks come in days. The default of a week keeps weekday
    /// patterns out of the comparison. A short last fold counts only if it has enough frauds, so it needs no rule of its own.
    /// </remarks>
    public static PeriodFold[] Cut(double[] probabilities, bool[] labels, int[] days, StabilitySettings settings)
    {
        var first = days.Min();
        var folds = Enumerable.Range(0, days.Length).GroupBy(i => (days[i] - first) / settings.FoldDays).OrderBy(fold => fold.Key);
        return [.. folds.Select(fold =>
        {
            double[] scores = [.. fold.Select(i => probabilities[i])];
            bool[] truth = [.. fold.Select(i => labels[i])];
            var frauds = truth.Count(fraud => fraud);
            var both = frauds > 0 && frauds < truth.Length;
            var firstDay = first + (fold.Key * settings.FoldDays);
            return new PeriodFold(
                firstDay, Math.Min(firstDay + settings.FoldDays - 1, days.Max()), truth.Length, frauds,
                both ? RankingMetrics.AveragePrecision(scores, truth) : double.NaN,
                both ? RankingMetrics.AreaUnderRoc(scores, truth) : double.NaN,
                ObservedToExpected.Compute(scores, truth), both && frauds >= settings.FraudsAtLeast);
        })];
    }
}
