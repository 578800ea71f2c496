using System.Globalization;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation;

/// <summary>How good probabilities are on payments whose truth is known.</summary>
/// <param name="Metrics">By name, as the manifest holds them.</param>
/// <param name="OperatingPoints">What happens from each decision's threshold on.</param>
internal sealed record ModelEvaluation(SortedDictionary<string, double> Metrics, IReadOnlyList<(string Decision, OperatingPoint Point)> OperatingPoints)
{
    private const int CardsPerDay = 100;
    private const int Digits = 6;

    /// <summary>The heads of <see cref="Rows"/>.</summary>
    public static IReadOnlyList<string> Heads { get; } = ["decision at least", "threshold", "frauds caught", "false-positive rate", "precision"];

    /// <summary>The operating points as the cells of a table.</summary>
    public IEnumerable<string[]> Rows => OperatingPoints.Select(row => new[]
    {
        row.Decision,
        row.Point.Threshold.ToString("0.000000", CultureInfo.InvariantCulture),
        row.Point.TruePositiveRate.ToString("P1", CultureInfo.InvariantCulture),
        row.Point.FalsePositiveRate.ToString("P3", CultureInfo.InvariantCulture),
        row.Point.Precision.ToString("P1", CultureInfo.InvariantCulture),
    });

    /// <summary>Evaluates.</summary>
    /// <param name="probabilities">Calibrated fraud probabilities.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="payments">Day and card of each.</param>
    /// <param name="thresholds">The thresholds to look at.</param>
    public static ModelEvaluation Of(double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments, ManifestThresholds thresholds)
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
        return new ModelEvaluation(metrics,
        [
            ("review", RankingMetrics.At(thresholds.Review, probabilities, truth)),
            ("challenge", RankingMetrics.At(thresholds.Challenge, probabilities, truth)),
            ("decline", RankingMetrics.At(thresholds.Decline, probabilities, truth)),
        ]);
    }
}
