using FraudScoring.LoadTest.Scores;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class ArrivalsTests
{
    [Test]
    public void Poisson_Gaps_AreExponential()
    {
        const double rate = 500;
        double[] due = [.. Arrivals.Poisson([new Phase(rate, 200)], seed: 1)];
        double[] gaps = [.. due.Skip(1).Zip(due, (later, earlier) => (later - earlier) * rate).Order()];
        Assert.That(due.Length, Is.EqualTo(100_000).Within(1_500));
        // The distance of Kolmogorov and Smirnov, 1.63 / √n at a level of 1 %.
        var distance = gaps.Index().Max(gap => Math.Abs(1 - Math.Exp(-gap.Item) - ((gap.Index + 0.5) / gaps.Length)));
        Assert.That(distance, Is.LessThan(1.63 / Math.Sqrt(gaps.Length)));
    }

    [Test]
    public void Poisson_Phases_HaveTheirOwnRates()
    {
        double[] due = [.. Arrivals.Poisson([new Phase(1000, 10), new Phase(100, 20)], seed: 2)];
        Assert.That(due, Is.Ordered);
        Assert.That(due[^1], Is.LessThan(30));
        Assert.That(due.Count(time => time < 10), Is.EqualTo(10_000).Within(400));
        Assert.That(due.Count(time => time >= 10), Is.EqualTo(2_000).Within(180));
    }

    [Test]
    public void Poisson_SameSeed_GivesTheSameTimes() => Assert.That(
        Arrivals.Poisson([new Phase(100, 5)], seed: 3), Is.EqualTo(Arrivals.Poisson([new Phase(100, 5)], seed: 3)));

    [Test]
    public void Even_Gaps_AreEqual() => Assert.That(Arrivals.Even(4).Take(5), Is.EqualTo(new[] { 0, 0.25, 0.5, 0.75, 1 }));
}
