using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class PopulationStabilityTests
{
    private readonly DriftOracle _oracle = new();

    [TestCaseSource(typeof(DriftOracle), nameof(DriftOracle.Columns))]
    public void Index_OraclesSamples_EqualsTheOracle(string column)
    {
        double[] reference = _oracle.Reference(column), current = _oracle.Current(column);
        var edges = PopulationStability.InnerEdges(reference);
        Assert.Multiple(() =>
        {
            Assert.That(edges, Is.EqualTo(_oracle.Each(column, "inner_edges")).Within(1e-9));
            Assert.That(PopulationStability.Shares(edges, reference), Is.EqualTo(_oracle.Each(column, "reference_share")).Within(1e-9));
            Assert.That(PopulationStability.Shares(edges, current), Is.EqualTo(_oracle.Each(column, "current_share")).Within(1e-9));
            Assert.That(PopulationStability.Index(reference, current),
                Is.EqualTo(_oracle.Expected(column, "population_stability_index")).Within(1e-9));
        });
    }

    [Test]
    public void Index_TheSameSample_IsZero() => Assert.That(PopulationStability.Index([1, 2, 3, 4], [4, 3, 2, 1]), Is.Zero);

    [Test]
    public void Index_NothingInCommon_IsLargeAndFinite() =>
        Assert.That(PopulationStability.Index([1, 1, 1], [2, 2, 2]), Is.EqualTo(2 * (1 - 1e-4) * Math.Log(1e4)).Within(1e-9));

    [Test]
    public void Index_BadSample_NamesIt()
    {
        Assert.That(() => PopulationStability.Index([], [1]), Throws.ArgumentException.With.Message.Contains("reference"));
        Assert.That(() => PopulationStability.Index([1], [double.NaN]), Throws.ArgumentException.With.Message.Contains("[0]"));
        Assert.That(() => PopulationStability.OfShares([1], [0.5, 0.5]), Throws.ArgumentException);
    }
}
