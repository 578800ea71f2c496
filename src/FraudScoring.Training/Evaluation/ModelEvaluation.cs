using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation;

/// <summary>Quality of a model's probabilities on labelled payments.</summary>
/// <param name="Metrics">Metrics by name, as in the manifest, rounded to six decimals.</param>
internal sealed record ModelEvaluation(SortedDictionary<string, double> Metrics)
{
    private const int CardsPerDay = 100;
    private const int Digits = 6;

    /// <param name="probabilities">Calibrated fraud probabilities.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="payments">Day and card of each payment.</param>
    public static ModelEvaluation Create(double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments)
    {
        var truth = new bool[labels.Length];
        for (var i = 0; i < truth.Length; i++)
        {
            truth[i] = labels[i] > 0;
        }
        int[] days = [.. payments.Select(p => p.Day)];
        long[] cards = [.. payments.Select(p => p.Card)];
        var ceiling = CardPrecision.Ceiling(days, cards, truth, CardsPerDay).Average(day => day.Precision);
        SortedDictionary<string, double> metrics = new()
        {
            ["payments"] = truth.Length,
            ["frauds"] = truth.Count(fraud => fraud),
            ["auc_roc"] = RankingMetrics.AreaUnderRoc(probabilities, truth),
            ["average_precision"] = RankingMetrics.AveragePrecision(probabilities, truth),
            ["card_precision_100"] = CardPrecision.Mean(days, cards, probabilities, truth, CardsPerDay),
            ["card_precision_100_ceiling"] = ceiling,
            ["brier"] = CalibrationMetrics.Brier(probabilities, truth),
            ["log_loss"] = CalibrationMetrics.LogLoss(probabilities, truth),
            ["calibration_error"] = CalibrationMetrics.CalibrationError(probabilities, truth),
        };
        foreach (var name in metrics.Keys.ToList())
        {
            metrics[name] = Math.Round(metrics[name], Digits);
        }
        return new ModelEvaluation(metrics);
    }
}
