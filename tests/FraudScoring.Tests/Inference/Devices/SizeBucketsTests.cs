using FraudScoring.Inference.Devices;

namespace FraudScoring.Tests.Inference.Devices;

public sealed class SizeBucketsTests
{
    [TestCase(1, new[] { 1 })]
    [TestCase(5, new[] { 1, 2, 4, 8 })]
    [TestCase(8, new[] { 1, 2, 4, 8 })]
    public void Sizes_AnyMost_ArePowersOfTwoUpToIt(int most, int[] expected) =>
        Assert.That(new SizeBuckets(most).Sizes, Is.EqualTo(expected));

    [Test]
    public void Holding_AnyRows_IsTheSmallestThatHoldsThem()
    {
        var buckets = new SizeBuckets(64);
        for (var rows = 1; rows <= 64; rows++)
        {
            Assert.That(buckets.Sizes[buckets.Holding(rows)], Is.EqualTo(buckets.Sizes.First(size => size >= rows)));
        }
        Assert.That(() => buckets.Holding(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buckets.Holding(65), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void FilledBy_AnyRows_IsTheLargestTheyFill()
    {
        var buckets = new SizeBuckets(64);
        for (var rows = 1; rows <= 200; rows++)
        {
            Assert.That(buckets.Sizes[buckets.FilledBy(rows)], Is.EqualTo(buckets.Sizes.Last(size => size <= rows)));
        }
    }
}
