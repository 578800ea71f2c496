using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class ObservedToExpectedTests
{
    private static readonly BootstrapOptions Options = new(500, 0.95, 1);

    [Test]
    public void Resample_CalibratedProbabilities_CoverOneAsOftenAsTheySay()
    {
        var covered = Enumerable.Range(0, 100).Count(seed =>
        {
            var (probabilities, labels) = Calibrated(seed, 2000);
            var ratio = ObservedToExpected.Resample(probabilities, labels, Cards(2000, 500), Options with { Resamples = 200 });
            return ratio.Low <= 1 && ratio.High >= 1;
        });
        Assert.That(covered, Is.InRange(88, 100));
    }

    [Test]
    public void Resample_HalvedProbabilities_HaveARatioOfTwo()
    {
        var (probabilities, labels) = Calibrated(1, 20_000);
        double[] halved = [.. probabilities.Select(p => p / 2)];
        var ratio = ObservedToExpected.Resample(halved, labels, Cards(20_000, 500), Options);
        Assert.That(ratio.Ratio, Is.EqualTo(2).Within(0.2));
        Assert.That((ratio.AtLeast > 1.7, ratio.AtMost < 2.4, ratio.Unit), Is.EqualTo((true, true, DrawnUnit.Cards)));
        double[] doubled = [.. probabilities.Select(p => Math.Min(1, p * 2))];
        Assert.That(ObservedToExpected.Compute(doubled, labels), Has.Property("AtLeast").GreaterThan(1.4).And.Property("Ratio").LessThan(1));
    }

    [Test]
    public void Resample_FraudsOfACardTogether_IsWiderThanIfTheyWereIndependent()
    {
        var random = new Random(2);
        double[] probabilities = [.. Enumerable.Repeat(0.02, 20_000)];
        bool[] fraudulent = [.. Enumerable.Range(0, 1000).Select(_ => random.NextDouble() < 0.02)];
        bool[] labels = [.. Enumerable.Range(0, 20_000).Select(i => fraudulent[i % 1000])];
        var (clustered, independent) =
            (ObservedToExpected.Resample(probabilities, labels, Cards(20_000, 1000), Options), ObservedToExpected.Compute(probabilities, labels));
        Assert.That(clustered.Ratio, Is.EqualTo(independent.Ratio));
        Assert.That(clustered.High - clustered.Low, Is.GreaterThan(3 * (independent.High - independent.Low)));
    }

    [Test]
    public void Resample_OneCard_DrawsPayments()
    {
        var (probabilities, labels) = Calibrated(3, 2000);
        var ratio = ObservedToExpected.Resample(probabilities, labels, new long[2000], Options);
        Assert.That((ratio.Unit, ratio.High - ratio.Low > 0.05), Is.EqualTo((DrawnUnit.Payments, true)));
    }

    [Test]
    public void Compute_NoFraudsOrNoneExpected_IsInfinitelyFarFromOne()
    {
        Assert.That(ObservedToExpected.Compute([0.5, 0.5], [false, false]).AtMost, Is.EqualTo(double.PositiveInfinity));
        Assert.That(ObservedToExpected.Compute([0, 0], [true, false]).AtLeast, Is.EqualTo(double.PositiveInfinity));
        Assert.That(() => ObservedToExpected.Compute([2], [true]), Throws.ArgumentException);
    }

    [Test]
    public void EqualMass_Bins_HoldEquallyManyRowsFromHighToLow()
    {
        var (probabilities, labels) = Calibrated(4, 1005);
        var bins = CalibrationMetrics.EqualMass(probabilities, labels, 10);
        Assert.That(bins.Select(bin => bin.Rows), Is.All.InRange(100, 101));
        Assert.That(bins.Sum(bin => bin.Rows), Is.EqualTo(1005));
        Assert.That(bins.Select(bin => bin.MeanProbability), Is.Ordered.Descending);
        Assert.That(bins.Sum(bin => bin.FraudShare * bin.Rows), Is.EqualTo(labels.Count(l => l)).Within(1e-9));
        Assert.That(CalibrationMetrics.EqualMass([0.5], [true], 10), Has.Length.EqualTo(1));
    }

    [Test]
    public void RelativeError_HalvedProbabilities_IsAHalfAtAnyBaseRate()
    {
        foreach (var rate in new[] { 0.5, 0.05, 0.005 })
        {
            double[] probabilities = [.. Enumerable.Repeat(rate / 2, 2000)];
            bool[] labels = [.. probabilities.Select((_, i) => i % (int)(1 / rate) == 0)];
            Assert.That(CalibrationMetrics.RelativeError(CalibrationMetrics.EqualMass(probabilities, labels, 1)), Is.EqualTo(0.5).Within(1e-9));
        }
    }

    private static long[] Cards(int payments, int cards) => [.. Enumerable.Range(0, payments).Select(i => (long)(i % cards))];

    private static (double[] Probabilities, bool[] Labels) Calibrated(int seed, int count)
    {
        var random = new Random(seed);
        double[] probabilities = [.. Enumerable.Range(0, count).Select(_ => Math.Pow(random.NextDouble(), 12))];
        return (probabilities, [.. probabilities.Select(p => random.NextDouble() < p)]);
    }
}
