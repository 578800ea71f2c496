using FraudScoring.Tests.Core.Statistics;
using FraudScoring.Training.Quality;

namespace FraudScoring.Tests.Training.Quality;

public sealed class ColumnQualityTests
{
    private const int Rows = 3000;

    [TestCaseSource(typeof(DriftOracle), nameof(DriftOracle.Columns))]
    public void Of_OraclesSamplesOneAfterTheOther_HasTheOraclesDrift(string name)
    {
        var oracle = new DriftOracle();
        double[] values = [.. oracle.Reference(name), .. oracle.Current(name)];
        var quality = ColumnQuality.Create(new QualityColumn(name, values, ColumnKind.Number), new bool[values.Length], 5000, 5000);
        Assert.That(quality.Drift, Is.EqualTo(oracle.Expected(name, "population_stability_index")).Within(1e-9));
    }

    [Test]
    public void Of_MissingValues_AreCountedAndDriftAsABinOfTheirOwn()
    {
        double[] values = [.. Enumerable.Range(0, Rows).Select(i => i < Rows / 2 ? i % 10 : i % 2 == 0 ? double.NaN : i / 2 % 10)];
        var quality = Assess(values);
        Assert.That(quality.Missing, Is.EqualTo(0.25));
        Assert.That(quality.Drift, Is.GreaterThan(1), "half of the values went missing");
        Assert.That(Assess([.. Enumerable.Repeat(double.NaN, Rows)]),
            Has.Property("Missing").EqualTo(1).And.Property("Constant").False.And.Property("Drift").Zero);
    }

    [TestCase(5000, 100)]
    [TestCase(100, 5000)]
    public void Of_LimitThatRisesOrFalls_DriftsAndIsReported(double before, double after)
    {
        var quality = Assess([.. Enumerable.Range(0, Rows).Select(i => i < Rows / 2 ? before : after)]);
        Assert.That(quality.Drift, Is.GreaterThan(15));
        var report = new QualityReport(Rows, 0, Rows, 60, null, [quality], []);
        Assert.That(QualityWarnings.Find(report).Select(finding => finding.Text), Has.Some.StartsWith("c drifts: its population stability index"));
    }

    [Test]
    public void Of_OneValue_IsConstant()
    {
        Assert.That(Assess([.. Enumerable.Repeat(3.0, Rows)]).Constant, Is.True);
        Assert.That(Assess([.. Enumerable.Range(0, Rows).Select(i => i == 7 ? 4.0 : 3.0)]).Constant, Is.False);
    }

    [Test]
    public void Of_ColumnThatRevealsTheLabel_RanksPerfectlyInBothDirections()
    {
        var frauds = Frauds();
        foreach (var values in new double[][]
        {
            [.. frauds.Select(f => f ? 1.0 : 0)], [.. frauds.Select(f => f ? 0.0 : 1)],
            [.. frauds.Select(f => f ? 1 : double.NaN)], [.. frauds.Select(f => f ? double.NaN : 1)],
        })
        {
            var quality = Assess(values);
            Assert.That((quality.AreaUnderRoc, quality.AveragePrecision), Is.EqualTo((1, 1)));
        }
    }

    [Test]
    public void Of_CategoryThatRevealsTheLabel_IsFoundThoughItsCodesHaveNoOrder()
    {
        var frauds = Frauds();
        double[] values = [.. frauds.Select((f, i) => f ? 5.0 : i % 2 == 0 ? 1 : 9)];
        Assert.That(
            ColumnQuality.Create(new QualityColumn("c", values, ColumnKind.Category), frauds, 1000, 1000).AveragePrecision, Is.EqualTo(1));
        Assert.That(ColumnQuality.Create(new QualityColumn("c", values, ColumnKind.Identifier), frauds, 1000, 1000),
            Has.Property("AveragePrecision").Null.And.Property("Drift").Null);
    }

    [Test]
    public void Of_Noise_RanksLikeChanceAndDoesNotDrift()
    {
        var random = new Random(5);
        var quality = Assess([.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble())]);
        Assert.That(quality.AreaUnderRoc, Is.LessThan(0.6));
        Assert.That(quality.Drift, Is.LessThan(0.05));
    }

    [Test]
    public void Of_FewFrauds_SaysNothingOfRanking() =>
        Assert.That(ColumnQuality.Create(new QualityColumn("c", new double[200], ColumnKind.Number), new bool[200], 66, 66),
            Has.Property("AreaUnderRoc").Null.And.Property("Drift").Null);

    [Test]
    public void ThinnedList_AnyLength_HoldsAnEvenSample()
    {
        for (var length = 0; length < 500; length++)
        {
            var list = new ThinnedList<int>(16);
            for (var i = 0; i < length; i++)
            {
                list.Add(i);
            }
            var stride = list.Items.Count > 1 ? list.Items[1] : 1;
            Assert.That(list.Count, Is.EqualTo(length));
            Assert.That(list.Items, Is.EqualTo(Enumerable.Range(0, (length + stride - 1) / stride).Select(i => i * stride)));
            Assert.That(list.Items, Has.Count.LessThanOrEqualTo(16).And.Count.GreaterThanOrEqualTo(Math.Min(length, 8)));
        }
    }

    private static bool[] Frauds() => [.. Enumerable.Range(0, Rows).Select(i => i % 50 == 13)];

    private static ColumnQuality Assess(double[] values) =>
        ColumnQuality.Create(new QualityColumn("c", values, ColumnKind.Number), Frauds(), Rows / 3, Rows / 3);
}
