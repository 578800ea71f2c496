using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class CalibrationTests
{
    [Test]
    public void Fit_MarginsOutOfScale_GivesProbabilitiesThatComeTrue()
    {
        var (margins, rows) = Sample(60_000, seed: 1, truth: m => 0.5 * m - 2 + (m > 1 ? 1.2 * (m - 1) : 0));
        var (unseen, unseenRows) = Sample(60_000, seed: 2, truth: m => 0.5 * m - 2 + (m > 1 ? 1.2 * (m - 1) : 0));

        var calibration = CalibrationFit.Fit(margins, rows);

        Assert.That(Error(unseen, unseenRows, calibration.Probability), Is.LessThan(0.01));
        Assert.That(Error(unseen, unseenRows, Logistic.Sigmoid), Is.GreaterThan(0.05));
    }

    [Test]
    public void Fit_MarginsInScale_LosesNextToNothing()
    {
        var (margins, rows) = Sample(30_000, seed: 1, truth: m => m - 3);
        var (unseen, unseenRows) = Sample(60_000, seed: 2, truth: m => m - 3);

        var calibration = CalibrationFit.Fit(margins, rows);

        Assert.That(Loss(unseen, unseenRows, calibration.Logit), Is.LessThan(Loss(unseen, unseenRows, m => m - 3) + 0.001));
    }

    [Test]
    public void Fit_AnySample_IsStrictlyIncreasingWithSlopesInRange()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var (bend, rate) = (random.NextDouble() * 4, -6 * random.NextDouble());
            var (margins, rows) = Sample(500 + random.Next(5_000), seed, m => rate + Math.Max(0, bend * m) + 0.01 * m);
            if (rows.Frauds == 0)
            {
                continue;
            }

            var calibration = CalibrationFit.Fit(margins, rows);

            Assert.That(calibration.Knots, Is.Ordered.And.Unique);
            Assert.That(calibration.Knots, Has.Length.InRange(1, CalibrationFit.MostKnots));
            Assert.That(calibration.SlopeChanges, Has.Length.EqualTo(calibration.Knots.Length));
            for (var m = -30.0; m < 30; m += 0.01)
            {
                var slope = (calibration.Logit(m + 0.01) - calibration.Logit(m)) / 0.01;
                Assert.That(slope, Is.InRange(CalibrationFit.LeastSlope - 1e-5, CalibrationFit.MostSlope + 1e-5));
            }
        }
    }

    [Test]
    public void Fit_ManySamples_ExpectedFraudsAreTheObserved()
    {
        var (margins, rows) = Sample(20_000, seed: 5, truth: m => 2 * m - 6);

        var calibration = CalibrationFit.Fit(margins, rows);

        Assert.That(margins.Sum(calibration.Probability), Is.EqualTo(rows.Frauds).Within(0.01));
    }

    [Test]
    public void Fit_FewFrauds_StillGivesOneKnot()
    {
        var (margins, rows) = Sample(400, seed: 3, truth: m => m - 5);

        var calibration = CalibrationFit.Fit(margins, rows);

        Assert.That(rows.Frauds, Is.InRange(1, 20));
        Assert.That(calibration.Knots, Has.Length.EqualTo(1));
        Assert.That(margins.Sum(calibration.Probability), Is.EqualTo(rows.Frauds).Within(0.01));
    }

    [Test]
    public void Fit_OneClass_IsRefused()
    {
        var (margins, rows) = Sample(50, seed: 3, truth: _ => -1000);

        Assert.That(
            () => CalibrationFit.Fit(margins, rows), Throws.ArgumentException.With.Message.Contains("calibration rows hold 0 frauds"));
    }

    private static (double[] Margins, TrainingMatrix Rows) Sample(int count, int seed, Func<double, double> truth)
    {
        var random = new Random(seed);
        var builder = new TrainingMatrixBuilder(["none"]);
        var margins = new double[count];
        for (var i = 0; i < count; i++)
        {
            margins[i] = 3 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) / 2;
            builder.Add([0], random.NextDouble() < Logistic.Sigmoid(truth(margins[i])) ? 1 : 0);
        }
        return (margins, builder.Build());
    }

    /// <summary>Mean difference between expected and observed frauds over twenty groups of equal size.</summary>
    private static double Error(double[] margins, TrainingMatrix rows, Func<double, double> probability)
    {
        var labels = rows.Labels.ToArray();
        return margins.Zip(labels).OrderBy(p => p.First).Chunk(margins.Length / 20)
            .Average(group => Math.Abs(group.Average(p => probability(p.First)) - group.Average(p => p.Second)));
    }

    private static double Loss(double[] margins, TrainingMatrix rows, Func<double, double> logit)
    {
        var labels = rows.Labels.ToArray();
        return margins.Zip(labels, (m, y) => Logistic.Loss(logit(m), y)).Average();
    }
}
