using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class DistributionDistanceTests
{
    private readonly DriftOracle _oracle = new();

    [TestCaseSource(typeof(DriftOracle), nameof(DriftOracle.Columns))]
    public void Distances_OraclesSamples_EqualTheOracle(string column)
    {
        double[] reference = _oracle.Reference(column), current = _oracle.Current(column);
        Assert.Multiple(() =>
        {
            Assert.That(DistributionDistance.JensenShannon(_oracle.Each(column, "reference_share"), _oracle.Each(column, "current_share")),
                Is.EqualTo(_oracle.Expected(column, "jensen_shannon_distance_base2")).Within(1e-9));
            Assert.That(DistributionDistance.KolmogorovSmirnov(reference, current),
                Is.EqualTo(_oracle.Expected(column, "kolmogorov_smirnov")).Within(1e-9));
            Assert.That(DistributionDistance.Wasserstein(reference, current), Is.EqualTo(_oracle.Expected(column, "wasserstein")).Within(1e-9));
        });
    }

    [TestCaseSource(typeof(DriftOracle), nameof(DriftOracle.Columns))]
    public void MannWhitneyP_OraclesSamples_EqualsTheOracleEvenWhereItIsTiny(string column)
    {
        var expected = _oracle.Expected(column, "mann_whitney_p");
        var p = DistributionDistance.MannWhitneyP(_oracle.Reference(column), _oracle.Current(column));
        Assert.That(p, Is.EqualTo(expected).Within(1e-9));
        Assert.That(p / expected, Is.EqualTo(1).Within(1e-9));
    }

    [Test]
    public void Distances_SwappedSamples_AreTheSame()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            double[] a = [.. Enumerable.Range(0, 1 + random.Next(20)).Select(_ => (double)random.Next(6))];
            double[] b = [.. Enumerable.Range(0, 1 + random.Next(20)).Select(_ => random.Next(6) - 2.5)];
            Assert.That(DistributionDistance.KolmogorovSmirnov(a, b), Is.EqualTo(DistributionDistance.KolmogorovSmirnov(b, a)));
            Assert.That(DistributionDistance.Wasserstein(a, b), Is.EqualTo(DistributionDistance.Wasserstein(b, a)).Within(1e-12));
            Assert.That(DistributionDistance.MannWhitneyP(a, b), Is.EqualTo(DistributionDistance.MannWhitneyP(b, a)).Within(1e-12));
            Assert.That(DistributionDistance.Wasserstein(a, a), Is.Zero);
            Assert.That(DistributionDistance.MannWhitneyP(a, a), Is.EqualTo(1));
        }
    }
}
