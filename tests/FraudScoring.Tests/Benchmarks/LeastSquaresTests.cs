using FraudScoring.Core.Statistics;
using FraudScoring.LoadTest;

namespace FraudScoring.Tests.Benchmarks;

public sealed class LeastSquaresTests
{
    [Test]
    public void Slope_OfALine_IsExact()
    {
        var (slope, within) = LeastSquares.Slope([(0, 5), (1, 3), (2, 1), (5, -5)]);
        Assert.That(slope, Is.EqualTo(-2).Within(1e-12));
        Assert.That(within, Is.Zero.Within(1e-12));
    }

    // Anscombe's first data set: a slope of 0.5001 with a standard error of 0.1179; the quantile of 9 degrees of freedom is 2.262.
    [Test]
    public void Slope_OfAnscombesPoints_HasThePublishedError()
    {
        double[] x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
        double[] y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
        var (slope, within) = LeastSquares.Slope([.. x.Zip(y)]);
        Assert.That(slope, Is.EqualTo(0.5001).Within(5e-5));
        Assert.That(within, Is.EqualTo(2.2622 * 0.1179).Within(2e-4));
    }

    [Test]
    public void Slope_OfNoisyLines_IsWithinTheIntervalOf95Percent()
    {
        const int lines = 2000;
        var random = new RandomStream(3, RandomPurpose.Bootstrap);
        var covered = Enumerable.Range(0, lines).Count(_ =>
        {
            var (slope, within) = LeastSquares.Slope([.. Enumerable.Range(0, 6).Select(i => ((double)i, (0.7 * i) + random.Normal(0, 1)))]);
            return Math.Abs(slope - 0.7) <= within;
        });
        Assert.That(covered / (double)lines, Is.EqualTo(0.95).Within(0.02));
    }

    [Test]
    public void Slope_WithoutThreePlaces_IsNotANumber()
    {
        Assert.That(LeastSquares.Slope([(1, 1), (2, 2)]), Is.EqualTo((double.NaN, double.NaN)));
        Assert.That(LeastSquares.Slope([(1, 1), (1, 2), (1, 3)]), Is.EqualTo((double.NaN, double.NaN)));
    }
}
