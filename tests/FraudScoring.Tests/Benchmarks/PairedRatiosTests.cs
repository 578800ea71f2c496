using FraudScoring.LoadTest;

namespace FraudScoring.Tests.Benchmarks;

public sealed class PairedRatiosTests
{
    [TestCase(new[] { 3.0, 1, 2 }, 2)]
    [TestCase(new[] { 4.0, 1, 3, 2 }, 2.5)]
    [TestCase(new[] { 7.0 }, 7)]
    public void Median_IsTheMiddleOrTheMeanOfTheTwoInTheMiddle(double[] values, double expected) =>
        Assert.That(PairedRatios.Median(values), Is.EqualTo(expected));

    [Test]
    public void Median_WithoutValues_IsNotANumber() => Assert.That(PairedRatios.Median([]), Is.NaN);

    [Test]
    public void Interval_OfEqualRatios_IsTheRatio() =>
        Assert.That(PairedRatios.Interval([1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]), Is.EqualTo((1.5, 1.5)));

    /// <summary>
    /// The exact distribution: the median of seven draws is at most the k-th smallest of seven if at least four draws are. For the
    /// smallest that has a probability of 0.0101, for the second of 0.1083, so 2.5 % lies at the second.
    /// </summary>
    [Test]
    public void Interval_OfSevenRatios_ReachesFromTheSecondToTheLastButOne() =>
        Assert.That(PairedRatios.Interval([7, 1, 6, 2, 5, 3, 4]), Is.EqualTo((2.0, 6.0)));
}
