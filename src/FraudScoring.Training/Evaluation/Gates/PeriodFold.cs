using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>How good the challenger is in some days of the period.</summary>
/// <param name="FirstDay">First day, since the Unix epoch.</param>
/// <param name="LastDay">Last day.</param>
/// <param name="Payments">Payments in it.</param>
/// <param name="Frauds">Frauds in it.</param>
/// <param name="AveragePrecision">Average precision; NaN with one class only.</param>
/// <param name="Auc">Area under the ROC curve; NaN with one class only.</param>
/// <param name="CalibrationError">Calibration error.</param>
/// <param name="Counts">It has frauds enough to be counted.</param>
internal sealed record PeriodFold(
    int FirstDay, int LastDay, int Payments, int Frauds, double AveragePrecision, double Auc, double CalibrationError, bool Counts)
{
    /// <summary>Cuts the period into folds of equal length from its first day; the last may be shorter.</summary>
    public static PeriodFold[] Cut(double[] probabilities, bool[] labels, int[] days, StabilitySettings settings)
    {
        var first = days.Min();
        return [.. Enumerable.Range(0, days.Length).GroupBy(i => (days[i] - first) / settings.FoldDays).OrderBy(fold => fold.Key).Select(fold =>
        {
            double[] scores = [.. fold.Select(i => probabilities[i])];
            bool[] truth = [.. fold.Select(i => labels[i])];
            var frauds = truth.Count(fraud => fraud);
            var both = frauds > 0 && frauds < truth.Length;
            return new PeriodFold(
                first + (fold.Key * settings.FoldDays), Math.Min(first + ((fold.Key + 1) * settings.FoldDays) - 1, days.Max()), truth.Length, frauds,
                both ? RankingMetrics.AveragePrecision(scores, truth) : double.NaN, both ? RankingMetrics.AreaUnderRoc(scores, truth) : double.NaN,
                CalibrationMetrics.CalibrationError(scores, truth), both && frauds >= settings.FraudsAtLeast);
        })];
    }
}
