using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>How well one split's test went.</summary>
/// <param name="Fold">The split.</param>
/// <param name="TrainRows">Payments learned from.</param>
/// <param name="TrainFrauds">Frauds among them.</param>
/// <param name="TestRows">Payments tested on.</param>
/// <param name="TestFrauds">Frauds among them.</param>
/// <param name="Scores">The metrics.</param>
internal sealed record ProtocolFoldResult(ProtocolFold Fold, int TrainRows, int TrainFrauds, int TestRows, int TestFrauds, ProtocolScores Scores)
{
    /// <summary>Computes the metrics of a test.</summary>
    /// <param name="fold">The split.</param>
    /// <param name="train">What was learned from.</param>
    /// <param name="scores">Score of each test row.</param>
    /// <param name="days">Day of each test row.</param>
    /// <param name="cards">Card of each test row.</param>
    /// <param name="labels">Truth of each test row.</param>
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

/// <summary>The Handbook's metrics. The ceiling of the first two is 1.</summary>
/// <param name="AucRoc">Area under the ROC curve.</param>
/// <param name="AveragePrecision">Step-wise average precision.</param>
/// <param name="CardPrecision">Card precision at 100 a day.</param>
/// <param name="CardPrecisionCeiling">What a perfect oracle reaches on the same payments.</param>
internal sealed record ProtocolScores(double AucRoc, double AveragePrecision, double CardPrecision, double CardPrecisionCeiling)
{
    /// <summary>Cards an investigator can call in a day.</summary>
    public const int CardsPerDay = 100;

    /// <summary>The part of the ceiling that is reached.</summary>
    public double ShareOfCeiling => CardPrecision / CardPrecisionCeiling;

    /// <summary>Computes the metrics.</summary>
    /// <exception cref="ArgumentException">There are only frauds, or none.</exception>
    public static ProtocolScores Create(double[] scores, int[] days, long[] cards, bool[] truth) => new(
        RankingMetrics.AreaUnderRoc(scores, truth),
        RankingMetrics.AveragePrecision(scores, truth),
        Core.Statistics.CardPrecision.Mean(days, cards, scores, truth, CardsPerDay),
        Core.Statistics.CardPrecision.Ceiling(days, cards, truth, CardsPerDay).Average(day => day.Precision));
}
