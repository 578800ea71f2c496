using CsCheck;
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

    [TestCase(5000, 100)]
    [TestCase(100, 5000)]
    [TestCase(0, 1)]
    [TestCase(0, -1)]
    public void Index_ConstantThatMoves_IsLargeInBothDirections(double before, double after) => Assert.That(
        PopulationStability.Index([.. Enumerable.Repeat(before, 100)], [.. Enumerable.Repeat(after, 100)]), Is.GreaterThan(15));

    /// <summary>A limit that most rows have, of the others some more and some less: the limit falls or rises for all.</summary>
    [Test]
    public void Index_AtomThatMoves_IsLargeInBothDirections()
    {
        double[] before = [.. Enumerable.Range(0, 1000).Select(i => i % 10 < 8 ? 500 : i)];
        foreach (var moved in new[] { 499, 501, -1e6, 1e6 })
        {
            double[] after = [.. before.Select(value => value == 500 ? moved : value)];
            Assert.That(PopulationStability.Index(before, after), Is.GreaterThan(5), $"{moved}");
        }
    }

    /// <summary>Bins are half-open, so a sample without ties with a decile has the same index when its sign is turned around.</summary>
    [Test]
    public void Index_ColumnsNegated_IsTheSame() => Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[1, 1000], Gen.Int[1, 1000]).Sample((atoms, others, seed, current) =>
    {
        // Some values with at least a tenth of the sample, between continuous ones; 1,000 rows have no row at a decile.
        double[] reference = Column(seed, atoms), now = Column(current, others);
        var index = PopulationStability.Index(reference, now);
        var negated = PopulationStability.Index([.. reference.Select(value => -value)], [.. now.Select(value => -value)]);
        return Math.Abs(index - negated) < 1e-9;
    });

    private static double[] Column(int seed, int atoms)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1000).Select(i => i % 4 < atoms ? 10.0 * (i % 4) : 40 * random.NextDouble())];
    }

    [Test]
    public void Index_BadSample_NamesIt()
    {
        Assert.That(() => PopulationStability.Index([], [1]), Throws.ArgumentException.With.Message.Contains("reference"));
        Assert.That(() => PopulationStability.Index([1], [double.NaN]), Throws.ArgumentException.With.Message.Contains("[0]"));
        Assert.That(() => PopulationStability.OfShares([1], [0.5, 0.5]), Throws.ArgumentException);
    }
}
