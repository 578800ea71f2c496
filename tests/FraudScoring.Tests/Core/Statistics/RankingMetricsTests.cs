using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class RankingMetricsTests
{
    private readonly MetricOracle _oracle = new();

    [Test]
    public void AreaUnderRoc_OraclesScores_EqualsScikitLearn() =>
        Assert.That(RankingMetrics.AreaUnderRoc(_oracle.Scores, _oracle.Labels), Is.EqualTo(_oracle["auc_roc"]).Within(1e-9));

    [Test]
    public void AveragePrecision_OraclesScores_EqualsScikitLearn() =>
        Assert.That(RankingMetrics.AveragePrecision(_oracle.Scores, _oracle.Labels), Is.EqualTo(_oracle["average_precision"]).Within(1e-9));

    [Test]
    public void AreaUnderRoc_RandomScores_IsTheShareOfPairsInOrder()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var scores = Enumerable.Range(0, 30).Select(_ => (double)random.Next(8)).ToArray();
            var labels = Enumerable.Range(0, 30).Select(i => i == 0 || (i != 1 && random.Next(3) == 0)).ToArray();
            var gaps = scores.Where((_, i) => labels[i])
                .SelectMany(fraud => scores.Where((_, j) => !labels[j]).Select(other => fraud - other));
            Assert.That(RankingMetrics.AreaUnderRoc(scores, labels),
                Is.EqualTo(gaps.Average(gap => gap > 0 ? 1 : gap == 0 ? 0.5 : 0)).Within(1e-12));
        }
    }

    [Test]
    public void Metrics_RowsInAnotherOrder_StayTheSame()
    {
        var order = Enumerable.Range(0, _oracle.Scores.Length).ToArray();
        new Random(2).Shuffle(order);
        var scores = Array.ConvertAll(order, i => _oracle.Scores[i]);
        var labels = Array.ConvertAll(order, i => _oracle.Labels[i]);
        Assert.That(RankingMetrics.AreaUnderRoc(scores, labels), Is.EqualTo(RankingMetrics.AreaUnderRoc(_oracle.Scores, _oracle.Labels)));
        Assert.That(RankingMetrics.AveragePrecision(scores, labels),
            Is.EqualTo(RankingMetrics.AveragePrecision(_oracle.Scores, _oracle.Labels)));
    }

    [Test]
    public void Metrics_PerfectAndUselessScores_AreAtTheirBounds()
    {
        bool[] labels = [true, true, false, false];
        Assert.That(RankingMetrics.AreaUnderRoc([4, 3, 2, 1], labels), Is.EqualTo(1));
        Assert.That(RankingMetrics.AreaUnderRoc([1, 1, 2, 2], labels), Is.Zero);
        Assert.That(RankingMetrics.AreaUnderRoc([1, 1, 1, 1], labels), Is.EqualTo(0.5));
        Assert.That(RankingMetrics.AveragePrecision([4, 3, 2, 1], labels), Is.EqualTo(1));
        Assert.That(RankingMetrics.AveragePrecision([1, 1, 1, 1], labels), Is.EqualTo(0.5));
    }

    [Test]
    public void At_Threshold_FlagsScoresAtOrAboveIt()
    {
        var point = RankingMetrics.At(0.5, [0.9, 0.5, 0.4, 0.5], [true, false, true, true]);
        Assert.That(point.TruePositiveRate, Is.EqualTo(2.0 / 3));
        Assert.That(point.FalsePositiveRate, Is.EqualTo(1));
        Assert.That(point.Precision, Is.EqualTo(2.0 / 3));
    }

    [Test]
    public void OperatingPoints_OraclesScores_EqualTheRatesAtEachThreshold()
    {
        var points = RankingMetrics.OperatingPoints(_oracle.Scores, _oracle.Labels);
        Assert.That(points, Has.Count.EqualTo(_oracle.Scores.Distinct().Count()));
        foreach (var point in points.Where((_, i) => i % 40 == 0))
        {
            Assert.That(point, Is.EqualTo(RankingMetrics.At(point.Threshold, _oracle.Scores, _oracle.Labels)));
        }
        Assert.That(points[^1].TruePositiveRate, Is.EqualTo(1));
    }

    [Test]
    public void Metrics_BadInput_NamesIt()
    {
        Assert.That(() => RankingMetrics.AreaUnderRoc([1, double.NaN], [true, false]),
            Throws.ArgumentException.With.Message.Contains("scores[1]"));
        Assert.That(() => RankingMetrics.AreaUnderRoc([1, 2], [true]), Throws.ArgumentException.With.Message.Contains("has 1 entries for 2 scores"));
        Assert.That(() => RankingMetrics.AveragePrecision([1, 2], [false, false]),
            Throws.ArgumentException.With.Message.Contains("both classes"));
    }
}
