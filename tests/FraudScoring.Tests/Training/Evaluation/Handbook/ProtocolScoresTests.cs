using FraudScoring.Tests.Core.Statistics;
using FraudScoring.Training.Evaluation.Handbook;

namespace FraudScoring.Tests.Training.Evaluation.Handbook;

public sealed class ProtocolScoresTests
{
    [Test]
    public void Of_OraclesScores_EqualTheFieldsOwnTools()
    {
        var oracle = new MetricOracle();
        var scores = ProtocolScores.Create(oracle.Scores, oracle.Days, oracle.Cards, oracle.Labels);
        Assert.That(scores.AucRoc, Is.EqualTo(oracle["auc_roc"]).Within(1e-9));
        Assert.That(scores.AveragePrecision, Is.EqualTo(oracle["average_precision"]).Within(1e-9));
        Assert.That(scores.CardPrecision, Is.EqualTo(Recalculate(oracle, oracle.Scores)).Within(1e-12));
        var ceiling = Recalculate(oracle, Array.ConvertAll(oracle.Labels, fraud => fraud ? 1.0 : 0));
        Assert.That(scores.CardPrecisionCeiling, Is.EqualTo(ceiling).Within(1e-12));
        Assert.That(scores.ShareOfCeiling, Is.EqualTo(scores.CardPrecision / scores.CardPrecisionCeiling));
    }

    [Test]
    public void Of_TwoSplits_GivesMeanAndDeviationOfThePopulation()
    {
        ProtocolFoldResult[] folds =
        [
            .. new[] { 0.5, 0.7 }.Select(value =>
                new ProtocolFoldResult(new ProtocolFold(20), 1, 1, 1, 1, new ProtocolScores(value, value, value, 1))),
        ];
        var (mean, deviation) = new DelayResult(default, folds).Summarize(scores => scores.AveragePrecision);
        Assert.That((mean, deviation), Is.EqualTo((0.6, 0.1)).Within(1e-12));
    }

    /// <summary>A literal implementation of section 4 of the Handbook.</summary>
    private static double Recalculate(MetricOracle oracle, double[] scores)
    {
        var detected = new HashSet<long>();
        var perDay = new List<double>();
        foreach (var day in oracle.Days.Distinct().Order())
        {
            var top = Enumerable.Range(0, scores.Length)
                .Where(i => oracle.Days[i] == day && !detected.Contains(oracle.Cards[i])).GroupBy(i => oracle.Cards[i])
                .Select(card => (card.Key, Score: card.Max(i => scores[i]), Fraud: card.Any(i => oracle.Labels[i])))
                .OrderByDescending(card => card.Score).ThenBy(card => card.Key).Take(100)
                .Where(card => card.Fraud).Select(card => card.Key).ToList();
            perDay.Add(top.Count / 100.0);
            detected.UnionWith(top);
        }
        return perDay.Average();
    }
}
