using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class CalibrationMetricsTests
{
    private readonly MetricOracle _oracle = new();

    [Test]
    public void Brier_OraclesScores_EqualsScikitLearn() =>
        Assert.That(CalibrationMetrics.Brier(_oracle.Scores, _oracle.Labels), Is.EqualTo(_oracle["brier"]).Within(1e-9));

    [Test]
    public void LogLoss_OraclesScores_EqualsScikitLearn() =>
        Assert.That(CalibrationMetrics.LogLoss(_oracle.Scores, _oracle.Labels), Is.EqualTo(_oracle["log_loss"]).Within(1e-9));

    [Test]
    public void CalibrationError_OraclesScores_EqualsFifteenBins() =>
        Assert.That(CalibrationMetrics.CalibrationError(_oracle.Scores, _oracle.Labels),
            Is.EqualTo(_oracle["ece_equal_width_15"]).Within(1e-9));

    [Test]
    public void LogLoss_ConfidentMistake_IsFinite() =>
        Assert.That(CalibrationMetrics.LogLoss([0, 1], [true, true]), Is.EqualTo((-Math.Log(1e-6) - Math.Log(1 - 1e-6)) / 2).Within(1e-12));

    [Test]
    public void Reliability_BoundariesOfBins_BelongToTheBinAboveAndOneToTheLast()
    {
        var bins = CalibrationMetrics.Reliability([0, 0.5, 1, 0.49], [false, true, true, false], 2);
        Assert.That(bins.Select(bin => bin.Rows), Is.EqualTo(new long[] { 2, 2 }));
        Assert.That(bins[1], Is.EqualTo(new ReliabilityBin(2, 0.75, 1)));
    }

    [Test]
    public void CalibrationError_ForecastOfTheShare_IsZero() =>
        Assert.That(CalibrationMetrics.CalibrationError([0.25, 0.25, 0.25, 0.25], [true, false, false, false]), Is.Zero);

    [TestCase(-0.1)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Metrics_NoProbability_NameTheRow(double value)
    {
        Assert.That(() => CalibrationMetrics.Brier([0.5, value], [true, false]), Throws.ArgumentException.With.Message.Contains("[1]"));
        Assert.That(() => CalibrationMetrics.LogLoss([0.5, value], [true, false]), Throws.ArgumentException.With.Message.Contains("[1]"));
        Assert.That(() => CalibrationMetrics.CalibrationError([0.5, value], [true, false]),
            Throws.ArgumentException.With.Message.Contains("[1]"));
    }

    [Test]
    public void Metrics_NoRows_SaySo() =>
        Assert.That(() => CalibrationMetrics.Brier([], []), Throws.ArgumentException.With.Message.Contains("must not be empty"));
}
