using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

[Parallelizable]
public sealed class BoostedTreesTests
{
    private static readonly BoostedTreesParameters Quick = new() { Trees = 40 };

    [Test]
    public void Train_TheSameRowsTwice_GivesTheSameText()
    {
        var first = BoostedTrees.Train(SyntheticRows.Make(20_000, seed: 1), SyntheticRows.Make(4_000, seed: 2), Quick);
        var second = BoostedTrees.Train(SyntheticRows.Make(20_000, seed: 1), SyntheticRows.Make(4_000, seed: 2), Quick);

        Assert.That(second.ModelText, Is.EqualTo(first.ModelText));
    }

    [Test]
    public void Train_OneThreadInsteadOfTwo_GivesTheSameTrees()
    {
        var rows = SyntheticRows.Make(20_000, seed: 1);

        var two = BoostedTrees.Train(rows, null, Quick);
        var one = BoostedTrees.Train(rows, null, Quick with { Threads = 1 });

        Assert.That(one.PredictMargins(rows), Is.EqualTo(two.PredictMargins(rows)));
    }

    [Test]
    public void Train_UnseenRows_RanksFraudAboveTheRest()
    {
        var trees = BoostedTrees.Train(SyntheticRows.Make(20_000, seed: 1), null, Quick);
        var unseen = SyntheticRows.Make(10_000, seed: 2);

        var margins = trees.PredictMargins(unseen);

        var labels = unseen.Labels.ToArray();
        Assert.That(margins.Zip(labels).Where(p => p.Second > 0).Average(p => p.First),
            Is.GreaterThan(1 + margins.Zip(labels).Where(p => p.Second == 0).Average(p => p.First)));
    }

    [Test]
    public void Train_ValidationLossRises_StopsAndKeepsTheBestTrees()
    {
        var losses = new List<BoostingProgress>();
        var parameters = Quick with { Trees = 500, LearningRate = 0.5, Patience = 10 };

        var trees = BoostedTrees.Train(
            SyntheticRows.Make(6_000, seed: 1), SyntheticRows.Make(6_000, seed: 2), parameters, new RecordedBoosting(losses));

        var best = losses.MinBy(l => l.ValidationLoss).Trees;
        Assert.That(losses, Has.Count.EqualTo(best + parameters.Patience));
        Assert.That(losses.Select(l => l.Trees), Is.EqualTo(Enumerable.Range(1, losses.Count)));
        Assert.That(LightGbmModelText.Parse(trees.ModelText).Trees, Has.Count.EqualTo(best));
    }

    [Test]
    public void PredictContributions_AnyRow_AddUpToTheMargin()
    {
        var trees = BoostedTrees.Train(SyntheticRows.Make(20_000, seed: 1), null, Quick);
        var rows = SyntheticRows.Make(500, seed: 2);

        var contributions = trees.PredictContributions(rows).Chunk(rows.Features + 1);

        Assert.That(contributions.Select(c => c.Sum()), Is.EqualTo(trees.PredictMargins(rows)).Within(1e-9));
    }

    [Test]
    public void Train_LeafValues_LieOnAGridThatFloatsAddExactly()
    {
        var model = LightGbmModelText.Parse(BoostedTrees.Train(SyntheticRows.Make(20_000, seed: 1), null, Quick).ModelText);

        var step = LeafGrid.Step(model);

        Assert.That(model.Trees.SelectMany(t => t.LeafValues).Select(v => Math.IEEERemainder(v, step)), Has.All.Zero);
        Assert.That(model.Trees.Sum(t => t.LeafValues.Max(Math.Abs)) / step, Is.LessThanOrEqualTo(1 << 24));
    }

    [Test]
    public void Train_Cancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        var reports = new List<BoostingProgress>();

        Assert.That(
            () => BoostedTrees.Train(
                SyntheticRows.Make(6_000, seed: 1), null, Quick, new RecordedBoosting(reports, t => cancellation.Cancel()),
                cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reports, Has.Count.EqualTo(1));
    }

    [Test]
    public void Train_ParametersOutOfRange_NamesThemAll()
    {
        var wrong = new BoostedTreesParameters
        {
            Trees = 0, Leaves = 1, Depth = 0, LearningRate = double.NaN, FeatureFraction = 1.1, BaggingFraction = 0, BaggingEvery = 0,
            RowsInLeaf = 0, L2 = -1, Bins = 1, CategoriesInSplit = 0, Patience = 0, Seed = -1, Threads = 0,
        };

        var faults = new Faults();
        wrong.Check(faults);
        Assert.That(faults.Select(f => f.Field).Distinct().Count(), Is.EqualTo(14));
        Assert.That(() => BoostedTrees.Train(SyntheticRows.Make(100, seed: 1), null, wrong),
            Throws.ArgumentException.With.Message.Contains("trees.Trees").And.Message.Contains("trees.Threads"));
        var none = new Faults();
        new BoostedTreesParameters().Check(none);
        Assert.That(none, Is.Empty);
    }

    [Test]
    public void Train_OneClass_IsRefused()
    {
        var builder = new TrainingMatrixBuilder(["a"]);
        builder.Add([1], 0);

        Assert.That(() => BoostedTrees.Train(builder.Build(), null, Quick), Throws.ArgumentException.With.Message.Contains("both classes"));
    }

    [Test]
    public void PredictMargins_OtherFeatures_IsRefused()
    {
        var trees = BoostedTrees.Train(SyntheticRows.Make(2_000, seed: 1), null, Quick with { Trees = 2 });

        var other = new TrainingMatrixBuilder(["a"]).Build();

        Assert.That(() => trees.PredictMargins(other), Throws.ArgumentException.With.Message.Contains("8 features"));
    }

    [Test]
    public void PredictMargins_NoRows_GivesNone()
    {
        var rows = SyntheticRows.Make(2_000, seed: 1);

        Assert.That(BoostedTrees.Train(rows, null, Quick with { Trees = 2 }).PredictMargins(rows.Slice(0, 0)), Is.Empty);
    }

    [Test]
    public void Load_DamagedText_SaysWhatLightGbmSays()
    {
        Assert.That(() => BoosterHandle.Load("tree\nnonsense"),
            Throws.TypeOf<LightGbmException>().With.Message.StartsWith("LGBM_BoosterLoadModelFromString: ").And.Message.Contains("Model"));
    }

    private sealed class RecordedBoosting(List<BoostingProgress> reports, Action<BoostingProgress>? then = null)
        : IProgress<BoostingProgress>
    {
        public void Report(BoostingProgress value)
        {
            reports.Add(value);
            then?.Invoke(value);
        }
    }
}
