using CsCheck;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class TruncatedDelaysTests
{
    private const int Hour = 1, Day = 24 * Hour;

    /// <summary>Labels after a mean of seven days: 95 % of them within 21 days.</summary>
    private static readonly double Truth = -Math.Log(0.05) * 7 * Day;

    [TestCase(45, 0.85)]
    [TestCase(90, 0.93)]
    public void Quantile_ExponentialDelaysCutOff_IsTheTruthAndTheNaiveOneIsNot(int days, double naiveAtMost)
    {
        var (estimated, naive) = (new List<double>(), new List<double>());
        for (var seed = 0; seed < 20; seed++)
        {
            var (delays, windows) = Observed(seed, 3000, days, random => -Math.Log(1 - random.NextDouble()) * 7 * Day);
            estimated.Add(TruncatedDelays.Estimate(delays, windows).Quantile(0.95));
            naive.Add(delays.Order().ElementAt((int)(0.95 * delays.Length)));
        }
        Assert.That(estimated.Average(), Is.EqualTo(Truth).Within(Truth * 0.05));
        Assert.That(naive.Average(), Is.LessThan(Truth * naiveAtMost), "the quantile of the observed delays is too small");
    }

    [Test]
    public void Quantile_AnalystsAndChargebacks_IsTheTruthOfTheMixture()
    {
        var random = new Random(3);
        double Delay(Random source) => -Math.Log(1 - source.NextDouble()) * (source.NextDouble() < 0.4 ? 4 * Hour : 7 * Day);
        double[] truth = [.. Enumerable.Range(0, 200_000).Select(_ => Delay(random)).Order()];
        var (delays, windows) = Observed(4, 5000, 60, Delay);
        var estimate = TruncatedDelays.Estimate(delays, windows);
        foreach (var share in new[] { 0.3, 0.5, 0.9, 0.95 })
        {
            var expected = truth[(int)(share * truth.Length)];
            Assert.That(estimate.Quantile(share), Is.EqualTo(expected).Within(Math.Max(1, expected * 0.1)), $"{share}");
        }
    }

    [Test]
    public void Quantile_NothingCutOff_IsThatOfTheSample() => Gen.Int[0, 50].Array[TruncatedDelays.LeastObservations, 60].Sample(sample =>
    {
        var delays = Array.ConvertAll(sample, delay => (long)delay);
        var estimate = TruncatedDelays.Estimate(delays, [.. delays.Select(_ => 1000L)]);
        return new[] { 0.01, 0.5, 0.95, 1 }.All(share => estimate.Quantile(share)
            == delays.Order().First(delay => delays.Count(other => other <= delay) >= (share * delays.Length) - 1e-9));
    });

    [Test]
    public void Quantile_AnySample_GrowsWithTheShareAndIsAnObservedDelay() =>
        Gen.Select(Gen.Int[0, 100], Gen.Int[0, 100]).Array[TruncatedDelays.LeastObservations, 80].Sample(pairs =>
        {
            long[] delays = [.. pairs.Select(pair => (long)Math.Min(pair.Item1, pair.Item2))], windows = [.. pairs.Select(p => (long)p.Item2)];
            var estimate = TruncatedDelays.Estimate(delays, windows);
            long[] quantiles = [.. Enumerable.Range(0, 21).Select(i => estimate.Quantile(i / 20.0))];
            return quantiles.Zip(quantiles.Skip(1)).All(pair => pair.First <= pair.Second)
                && quantiles.All(q => (delays.Contains(q) || q == estimate.Longest) && q <= estimate.Longest);
        });

    [Test]
    public void Quantile_AllDelaysEqual_IsThatDelay() => Assert.That(
        new[] { 0.01, 0.5, 0.99 }.Select(Enumerable.Repeat(7L * Day, 30).Estimated().Quantile), Is.All.EqualTo(7 * Day));

    [Test]
    public void Estimate_BadInput_NamesIt()
    {
        long[] long20 = [.. Enumerable.Repeat(5L, 20)], short20 = [.. Enumerable.Repeat(4L, 20)];
        Assert.That(() => TruncatedDelays.Estimate(long20, short20), Throws.ArgumentException.With.Message.Contains("delays[0]"));
        Assert.That(() => TruncatedDelays.Estimate([5], [5]), Throws.ArgumentException.With.Message.Contains("at least 20"));
    }

    /// <summary>Payments at random times over some days, and the delays of those that are labelled by the end.</summary>
    private static (long[] Delays, long[] Windows) Observed(int seed, int payments, int days, Func<Random, double> delay)
    {
        var random = new Random(seed);
        var seen = Enumerable.Range(0, payments).Select(_ => (Delay: (long)delay(random), Window: (long)(random.NextDouble() * days * Day)))
            .Where(payment => payment.Delay <= payment.Window).ToArray();
        return ([.. seen.Select(payment => payment.Delay)], [.. seen.Select(payment => payment.Window)]);
    }
}

file static class TruncatedDelaysExtensions
{
    /// <summary>Payments a day apart, the last of them as long before the end as its delay.</summary>
    public static TruncatedDelays Estimated(this IEnumerable<long> delays) =>
        TruncatedDelays.Estimate([.. delays], [.. delays.Select((delay, i) => delay + (24L * i))]);
}
