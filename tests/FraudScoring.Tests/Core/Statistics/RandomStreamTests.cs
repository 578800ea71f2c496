using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class RandomStreamTests
{
    private const int Draws = 200_000;

    [Test]
    public void Ln_ManyMagnitudes_AgreesWithThePlatform()
    {
        RandomStream random = Stream();
        for (int i = 0; i < 20_000; i++)
        {
            double x = Math.Pow(10, random.Uniform(-300, 300));
            double oracle = Math.Log(x);
            Assert.That(PortableMath.Ln(x), Is.EqualTo(oracle).Within(1e-14 * Math.Max(1, Math.Abs(oracle))));
        }
    }

    [Test]
    public void ExpOfNegative_WholeRange_AgreesWithThePlatform()
    {
        for (double x = 0; x <= 16; x += 0.001)
        {
            Assert.That(PortableMath.ExpOfNegative(x) / Math.Exp(-x), Is.EqualTo(1).Within(1e-12));
        }
    }

    /// <summary>Computed by an independent implementation of SplitMix64 and xoshiro256** that reproduces the published values.</summary>
    [Test]
    public void Next_KnownSeed_IsAsPublished()
    {
        var random = new RandomStream(42, RandomPurpose.Spending, 7, 9);
        Assert.That(new[] { random.Next(), random.Next() }, Is.EqualTo(new[] { 6386089543146096531UL, 10904204068359501327UL }));
    }

    [Test]
    public void Constructor_AnyKeyChanged_GivesAnotherStream()
    {
        ulong[] first =
        [
            new RandomStream(1, RandomPurpose.Spending, 2, 3).Next(),
            new RandomStream(2, RandomPurpose.Spending, 2, 3).Next(),
            new RandomStream(1, RandomPurpose.Trip, 2, 3).Next(),
            new RandomStream(1, RandomPurpose.Spending, 3, 3).Next(),
            new RandomStream(1, RandomPurpose.Spending, 3, 2).Next(),
            new RandomStream(1, RandomPurpose.Spending, 2, 4).Next(),
        ];
        Assert.That(first, Is.Unique);
    }

    /// <summary>Sums over neighbouring days must have the variance of sums of independent counts.</summary>
    [Test]
    public void Constructor_NeighbouringKeys_AreIndependent()
    {
        const int runs = 2_000;
        double[] sums = [.. Enumerable.Range(0, runs).Select(seed => Enumerable.Range(0, 183)
            .Sum(day => (double)new RandomStream((ulong)seed, RandomPurpose.CardTesting, day, -1).Poisson(0.35)))];
        double mean = sums.Average();
        Assert.That(mean, Is.EqualTo(183 * 0.35).Within(5 * Math.Sqrt(183 * 0.35 / runs)));
        Assert.That(sums.Average(x => (x - mean) * (x - mean)), Is.EqualTo(183 * 0.35).Within(15).Percent);
    }

    [Test]
    public void Constructor_NextDays_AreUncorrelated()
    {
        double[] first = [.. Enumerable.Range(0, Draws).Select(day => new RandomStream(1, RandomPurpose.Spending, 4, day).Uniform() - 0.5)];
        double correlation = 12 * first.Zip(first.Skip(1), (a, b) => a * b).Sum() / (Draws - 1);
        Assert.That(correlation, Is.Zero.Within(5 / Math.Sqrt(Draws)));
    }

    [Test]
    public void Normal_ManyDraws_HasTheMomentsAndTails()
    {
        RandomStream random = Stream();
        double[] drawn = [.. Enumerable.Range(0, Draws).Select(_ => random.Normal(10, 3))];
        double mean = drawn.Average();
        Assert.Multiple(() =>
        {
            Assert.That(mean, Is.EqualTo(10).Within(0.03));
            Assert.That(Math.Sqrt(drawn.Average(x => (x - mean) * (x - mean))), Is.EqualTo(3).Within(0.02));
            Assert.That(drawn.Count(x => x > 10 + 3 * 1.959964) / (double)Draws, Is.EqualTo(0.025).Within(0.0015));
            Assert.That(drawn.Count(x => x < 10 - 3 * 2.575829) / (double)Draws, Is.EqualTo(0.005).Within(0.0007));
        });
    }

    [TestCase(0)]
    [TestCase(0.3)]
    [TestCase(3.7)]
    [TestCase(45)]
    public void Poisson_ManyDraws_HasMeanAndVarianceAlike(double expected)
    {
        RandomStream random = Stream();
        double[] drawn = [.. Enumerable.Range(0, Draws).Select(_ => (double)random.Poisson(expected))];
        double mean = drawn.Average();
        Assert.Multiple(() =>
        {
            Assert.That(mean, Is.EqualTo(expected).Within(5 * Math.Sqrt(expected / Draws)));
            Assert.That(drawn.Average(x => (x - mean) * (x - mean)), Is.EqualTo(expected).Within(0.02 * expected));
        });
    }

    [Test]
    public void Below_ManyDraws_IsUniform()
    {
        RandomStream random = Stream();
        int[] counts = new int[7];
        for (int i = 0; i < Draws; i++)
        {
            counts[random.Below(7)]++;
        }
        double expected = Draws / 7.0;
        Assert.That(counts.Sum(c => (c - expected) * (c - expected) / expected), Is.LessThan(22.5), "chi-squared, 6 degrees of freedom");
    }

    [Test]
    public void Rounded_Fraction_KeepsTheExpectation()
    {
        RandomStream random = Stream();
        Assert.That(Enumerable.Range(0, Draws).Average(_ => random.Rounded(2.3)), Is.EqualTo(2.3).Within(0.01));
    }

    private static RandomStream Stream() => new(2026, RandomPurpose.Spending);
}
