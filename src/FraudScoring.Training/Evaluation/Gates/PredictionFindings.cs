using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>What the gates measure of the predictions of challenger and champion, without running a model again.</summary>
/// <param name="Auc">Area under the challenger's ROC curve.</param>
/// <param name="Differences">Challenger minus champion; null without a champion.</param>
/// <param name="Calibration">The challenger's probabilities against the observed frauds.</param>
/// <param name="Folds">The challenger on consecutive parts of the period.</param>
/// <param name="Fairness">The challenger on groups of payments.</param>
internal sealed record PredictionFindings(
    double Auc, RankingDifferences? Differences, CalibrationFindings Calibration, PeriodFold[] Folds, FairnessSegment[] Fairness)
{
    /// <param name="predictions">Payments with the probabilities of both models.</param>
    /// <param name="flaggedFrom">Returns the lowest probability at which the challenger flags a payment.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="progress">Receives the number of draws of the comparison; may be null.</param>
    public static PredictionFindings Create(
        GatePredictions predictions, Func<TestPayment, double> flaggedFrom, GateSettings settings, IProgress<int>? progress = null)
    {
        var (challenger, labels) = (predictions.Challenger, predictions.Labels);
        long[] cards = [.. predictions.Payments.Select(payment => payment.Card)];
        int[] days = [.. predictions.Payments.Select(payment => payment.Day)];
        return new PredictionFindings(
            RankingMetrics.AreaUnderRoc(challenger, labels),
            // Cards are resampled, not payments: payments of one card resemble each other, and resampling them one by one would make the
            // interval too narrow. Both models are measured on the same resample, which cancels out how hard its payments are to rank.
            // Separate intervals would overlap even where one model is better on every resample.
            predictions.Champion is { } champion
                ? PairedBootstrap.Compare(challenger, champion, labels, cards, settings.Draws, progress) : null,
            CalibrationFindings.Create(challenger, labels, cards, settings),
            PeriodFold.Cut(challenger, labels, days, settings.Stability),
            [
                .. predictions.Segments.Select(segment => FairnessSegment.Create(segment.Field, segment.Groups, challenger, labels,
                    i => flaggedFrom(predictions.Payments[i]), settings.Fairness)),
            ]);
    }
}

/// <summary>Payments with the probabilities that challenger and champion gave them.</summary>
/// <param name="Challenger">The challenger's probabilities.</param>
/// <param name="Champion">The champion's; null for the first model.</param>
/// <param name="Labels">True for a fraud.</param>
/// <param name="Payments">Day, card and traits.</param>
/// <param name="Segments">The group of each payment, by field.</param>
internal sealed record GatePredictions(
    double[] Challenger, double[]? Champion, bool[] Labels, IReadOnlyList<TestPayment> Payments,
    IReadOnlyList<(string Field, IReadOnlyList<string> Groups)> Segments);
