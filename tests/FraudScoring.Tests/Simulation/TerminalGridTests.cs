using FraudScoring.Core.Statistics;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Simulation;

public sealed class TerminalGridTests
{
    [TestCase(5, 2_000)]
    [TestCase(0.04, 5_000)]
    [TestCase(33.4, 300)]
    [TestCase(60, 100)]
    [TestCase(150, 50)]
    public void Draw_AnyRadius_ReachesExactlyTheTerminalsWithin(double radius, int terminals)
    {
        var random = new RandomStream(5, RandomPurpose.Merchant);
        double[] x = [.. Enumerable.Range(0, terminals).Select(_ => random.Uniform(0, 100))];
        double[] y = [.. Enumerable.Range(0, terminals).Select(_ => random.Uniform(0, 100))];
        var grid = new TerminalGrid(x, y, radius);
        for (int customer = 0; customer < 40; customer++)
        {
            double homeX = customer == 0 ? x[0] : random.Uniform(0, 100);
            double homeY = customer == 0 ? y[0] : random.Uniform(0, 100);
            int[] within = [.. Enumerable.Range(0, terminals)
                .Where(i => Math.Pow(x[i] - homeX, 2) + Math.Pow(y[i] - homeY, 2) < radius * radius)];
            Assert.That(grid.Count(homeX, homeY), Is.EqualTo(within.Length));
            if (within.Length > 0)
            {
                var drawn = Enumerable.Range(0, 30 * within.Length).Select(_ => grid.Draw(homeX, homeY, random)).ToHashSet();
                Assert.That(drawn.IsSubsetOf(within));
                Assert.That(drawn, Has.Count.EqualTo(within.Length));
            }
        }
    }

    [Test]
    public void Draw_WithSkew_FollowsTheRanksOfTheTerminalsWithin()
    {
        const int draws = 200_000;
        var random = new RandomStream(6, RandomPurpose.Merchant);
        double[] x = [.. Enumerable.Range(0, 60).Select(_ => random.Uniform(0, 100))];
        double[] y = [.. Enumerable.Range(0, 60).Select(_ => random.Uniform(0, 100))];
        var grid = new TerminalGrid(x, y, radius: 40, skew: 1);
        int[] within = [.. Enumerable.Range(0, 60).Where(i => Math.Pow(x[i] - 50, 2) + Math.Pow(y[i] - 50, 2) < 40 * 40)];
        double total = within.Sum(i => 1.0 / (i + 1));
        var drawn = Enumerable.Range(0, draws).Select(_ => grid.Draw(50, 50, random)).CountBy(i => i).ToDictionary();
        Assert.That(drawn.Keys, Is.EquivalentTo(within));
        foreach (int i in within)
        {
            double expected = draws / (i + 1.0) / total;
            Assert.That(drawn[i], Is.EqualTo(expected).Within(5 * Math.Sqrt(expected)), $"terminal {i}");
        }
    }
}
