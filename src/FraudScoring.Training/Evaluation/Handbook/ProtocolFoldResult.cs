using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>The test result of one split.</summary>
/// <param name="Fold">The split.</param>
/// <param name="TrainRows">Number of training payments.</param>
/// <param name="TrainFrauds">Frauds among the training payments.</param>
/// <param name="TestRows">Number of test payments.</param>
/// <param name="TestFrauds">Frauds among the test payments.</param>
/// <param name="Scores">Metrics on the test payments.</param>
internal sealed record ProtocolFoldResult(
    ProtocolFold Fold, int TrainRows, int TrainFrauds, int TestRows, int TestFrauds, ProtocolScores Scores)
{
    public static ProtocolFoldResult Create(
        ProtocolFold fold, TrainingMatrix train, double[] scores, int[] days, long[] cards, ReadOnlySpan<float> labels)
    {
        var truth = new bool[labels.Length];
        for (var row = 0; row < truth.Length; row++)
        {
            truth[row] = labels[row] > 0;
        }
        return new ProtocolFoldResult(
            fold, train.Rows, train.Frauds, truth.Length, truth.Count(fraud => fraud), ProtocolScores.Create(scores, days, cards, truth));
    }
}

/// <summary>The Handbook's metrics, 0 to 1.</summary>
/// <param name="AucRoc">Area under the ROC curve.</param>
/// <param name="AveragePrecision">Average precision, by steps (without interpolation).</param>
/// <param name="CardPrecision">Card precision at 100 cards a day.</param>
/// <param name="CardPrecisionCeiling">
/// Card precision of a perfect model on the same payments. It is below 1 where days have fewer than 100 compromised cards.
/// </param>
internal sealed record ProtocolScores(double AucRoc, double AveragePrecision, double CardPrecision, double CardPrecisionCeiling)
{
    /// <summary>Cards that investigators can check in a day.</summary>
    public const int CardsPerDay = 100;

    /// <summary>Card precision as a share of its ceiling.</summary>
    public double ShareOfCeiling => CardPrecision / CardPrecisionCeiling;

    /// <exception cref="ArgumentException">The payments are all frauds or all legitimate.</exception>
    public static ProtocolScores Create(double[] scores, int[] days, long[] cards, bool[] truth) => new(
        RankingMetrics.AreaUnderRoc(scores, truth),
        RankingMetrics.AveragePrecision(scores, truth),
        Core.Statistics.CardPrecision.Mean(days, cards, scores, truth, CardsPerDay),
        Core.Statistics.CardPrecision.Ceiling(days, cards, truth, CardsPerDay).Average(day => day.Precision));
}
