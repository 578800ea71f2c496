using FraudScoring.Inference.Attribution;
using FraudScoring.Tests.Inference.Attribution;
using FraudScoring.Tests.Training.Export;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class IsolationForestTests
{
    private static readonly IsolationForestParameters Quick = new() { Trees = 50, Subsample = 256 };

    [Test]
    public void PathBelow_FewRows_IsTheMeanPathOfASearchTree()
    {
        Assert.That(new[] { 0, 1, 2, 3 }.Select(IsolationTreeBuilder.PathBelow), Is.EqualTo(new[] { 0, 0, 1, 5.0 / 3 }).Within(1e-12));
        Assert.That(IsolationTreeBuilder.PathBelow(256), Is.EqualTo(10.248689926).Within(1e-6));
    }

    [Test]
    public void Grow_TheSameRowsTwice_GivesTheSameTrees()
    {
        var first = IsolationForest.Grow(SyntheticRows.Make(5_000, seed: 1), Quick);
        var second = IsolationForest.Grow(SyntheticRows.Make(5_000, seed: 1), Quick);
        var other = IsolationForest.Grow(SyntheticRows.Make(5_000, seed: 1), Quick with { Seed = 1 });

        var unseen = SyntheticRows.Make(500, seed: 2);
        Assert.That(second.PredictMargins(unseen), Is.EqualTo(first.PredictMargins(unseen)));
        Assert.That(other.PredictMargins(unseen), Is.Not.EqualTo(first.PredictMargins(unseen)));
    }

    [Test]
    public void Grow_OtherLabels_GivesTheSameTrees()
    {
        var rows = SyntheticRows.Make(5_000, seed: 1);
        var unseen = SyntheticRows.Make(500, seed: 2);

        var blind = IsolationForest.Grow(rows.AsKnownAt(-1), Quick);

        Assert.That(rows.AsKnownAt(-1).Frauds, Is.Zero);
        Assert.That(blind.PredictMargins(unseen), Is.EqualTo(IsolationForest.Grow(rows, Quick).PredictMargins(unseen)));
    }

    [Test]
    public void PredictMargins_RowsFarFromAllOthers_AreStrangest()
    {
        var random = new Random(3);
        var builder = new TrainingMatrixBuilder(["a", "b", "c"]);
        for (var i = 0; i < 2_000; i++)
        {
            builder.Add([(float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble()], 0);
        }
        var forest = IsolationForest.Grow(builder.Build(), Quick);
        var probes = new TrainingMatrixBuilder(["a", "b", "c"]);
        probes.Add([0.5f, 0.5f, 0.5f], 0);
        probes.Add([5, 0.5f, 0.5f], 0);
        probes.Add([5, -5, 5], 0);
        probes.Add([float.NaN, float.NaN, float.NaN], 0);

        var margins = forest.PredictMargins(probes.Build());

        Assert.That(margins[1], Is.GreaterThan(margins[0] + 1));
        Assert.That(margins[2], Is.GreaterThan(margins[1]));
        Assert.That(margins[3], Is.LessThan(margins[1]), "a row of missing values is not anomalous");
        Assert.That(margins, Has.All.InRange(-8 - IsolationTreeBuilder.PathBelow(256), -1));
    }

    [Test]
    public void Grow_EveryTree_CountsItsSubsampleAndIsNoDeeperThanItsLogarithm()
    {
        var forest = IsolationForest.Grow(SyntheticRows.Make(5_000, seed: 1), Quick with { Subsample = 64 });

        foreach (var tree in forest.Trees)
        {
            Assert.That(tree.LeafCounts.Sum(), Is.EqualTo(64));
            Assert.That(tree.LeafCounts, Has.All.GreaterThanOrEqualTo(1));
            Assert.That(Depth(tree, 0), Is.LessThanOrEqualTo(6));
        }
    }

    [Test]
    public void Grow_RowsThatCannotBeParted_GivesOneLeaf()
    {
        var builder = new TrainingMatrixBuilder(["same", "missing", "infinite"]);
        for (var i = 0; i < 300; i++)
        {
            builder.Add([1, float.NaN, i % 2 == 0 ? float.PositiveInfinity : float.NegativeInfinity], 0);
        }
        var forest = IsolationForest.Grow(builder.Build(), Quick);

        Assert.That(forest.Trees.Select(t => t.Splits.Length), Has.All.Zero);
        Assert.That(forest.PredictMargins(builder.Build()), Has.All.EqualTo(-IsolationTreeBuilder.PathBelow(256)).Within(1e-4));
    }

    [Test]
    public void Grow_FewerRowsThanTheSubsample_TakesThemAll()
    {
        var forest = IsolationForest.Grow(SyntheticRows.Make(40, seed: 1), Quick);

        Assert.That(forest.Trees.Select(t => t.LeafCounts.Sum()), Has.All.EqualTo(40));
    }

    [Test]
    public void Grow_ParametersOutOfRangeAndNoRows_NamesThemAll() =>
        Assert.That(
            () => IsolationForest.Grow(SyntheticRows.Make(0, seed: 1), new() { Trees = 0, Subsample = 1, Seed = -1 }),
            Throws.ArgumentException.With.Message.Contains("anomaly.Trees").And.Message.Contains("anomaly.Subsample")
                .And.Message.Contains("anomaly.Seed").And.Message.Contains("rows"));

    [Test]
    public void PredictMargins_OtherFeatures_IsRefused()
    {
        var forest = IsolationForest.Grow(SyntheticRows.Make(300, seed: 1), Quick);

        Assert.That(() => forest.PredictMargins(new TrainingMatrixBuilder(["a"]).Build()),
            Throws.ArgumentException.With.Message.Contains("8 features"));
    }

    [Test]
    public void ToModel_Explained_EqualsShapleyByDefinition()
    {
        var rows = SyntheticRows.Make(2_000, seed: 1);
        var forest = IsolationForest.Grow(rows, new() { Trees = 4, Subsample = 32 });
        var trees = TreeEnsembleReader.Parse(OnnxRun.TreesAlone(forest.ToModel()));
        var shap = new TreeShap(trees, rows.Features);
        var margins = forest.PredictMargins(rows);
        for (var row = 0; row < 40; row++)
        {
            var contributions = new double[rows.Features];
            shap.AddContributions(rows.Row(row), 1, contributions);
            Assert.That(contributions, Is.EqualTo(BruteForceShapley.Contributions(trees, rows.Row(row).ToArray())).Within(1e-5));
            Assert.That(shap.BaseValue + contributions.Sum(), Is.EqualTo(margins[row]).Within(1e-5));
        }
    }

    private static int Depth(IsolationTree tree, int at) =>
        at < 0 || tree.Splits.Length == 0 ? 0 : 1 + Math.Max(Depth(tree, tree.Splits[at].Left), Depth(tree, tree.Splits[at].Right));
}
