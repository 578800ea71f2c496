using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class LogOddsForestTests
{
    private static readonly ForestParameters Quick = new() { Trees = 20 };

    [Test]
    public void Train_TheSameRowsTwiceOnOtherThreads_GivesTheSameTrees()
    {
        var rows = SyntheticRows.Make(12_000, seed: 1);

        var first = LogOddsForest.Train(rows, Quick);
        var second = LogOddsForest.Train(rows, Quick);
        var alone = LogOddsForest.Train(rows, Quick with { Threads = 1 });

        Assert.That(second.ModelText, Is.EqualTo(first.ModelText));
        Assert.That(alone.PredictMargins(rows), Is.EqualTo(first.PredictMargins(rows)));
    }

    [Test]
    public void Train_Leaves_AreTheLogOddsOfTheirRowsOverTheTrees()
    {
        var rows = SyntheticRows.Make(6_000, seed: 1);
        var one = LogOddsForest.Train(rows, Quick with { Trees = 1, Leaves = 4 });

        var margins = one.PredictMargins(rows);

        var share = (double)rows.Frauds / rows.Rows;
        foreach (var leaf in margins.Zip(rows.Labels.ToArray()).GroupBy(row => row.First))
        {
            var frauds = leaf.Count(row => row.Second > 0);
            var expected = Math.Log((frauds + 0.5) / (leaf.Count() - frauds + (0.5 * (1 - share) / share)));
            Assert.That(leaf.Key, Is.EqualTo(expected).Within(1e-5));
        }
    }

    [Test]
    public void Train_UnseenRows_RanksFraudAboveTheRestInLogOdds()
    {
        var unseen = SyntheticRows.Make(10_000, seed: 2);

        var margins = LogOddsForest.Train(SyntheticRows.Make(20_000, seed: 1), Quick).PredictMargins(unseen);

        Assert.That(RankingMetrics.AreaUnderRoc(margins, Array.ConvertAll(unseen.Labels.ToArray(), l => l > 0)), Is.GreaterThan(0.7));
        Assert.That(margins.Sum(Logistic.Sigmoid), Is.EqualTo(unseen.Frauds).Within(0.4 * unseen.Frauds));
    }

    [Test]
    public void PredictContributions_AnyRow_AddUpToTheMargin()
    {
        var forest = LogOddsForest.Train(SyntheticRows.Make(6_000, seed: 1), Quick);
        var rows = SyntheticRows.Make(200, seed: 2);

        var sums = forest.PredictContributions(rows).Chunk(rows.Features + 1).Select(c => c.Sum());

        Assert.That(sums, Is.EqualTo(forest.PredictMargins(rows)).Within(1e-9));
    }

    [Test]
    public void Lowered_Margins_AreLowerByTheNumberAndStayOnTheGrid()
    {
        var forest = LogOddsForest.Train(SyntheticRows.Make(6_000, seed: 1), Quick);
        var rows = SyntheticRows.Make(500, seed: 2);

        var lowered = forest.Lowered(Math.Log(20));

        Assert.That(lowered.PredictMargins(rows), Is.EqualTo(forest.PredictMargins(rows).Select(m => m - Math.Log(20))).Within(1e-4));
        var model = LightGbmModelText.Parse(lowered.ModelText);
        var step = LeafGrid.Step(model);
        Assert.That(model.Trees.SelectMany(t => t.LeafValues).Select(v => Math.IEEERemainder(v, step)), Has.All.Zero);
        Assert.That(forest.Lowered(0), Is.SameAs(forest));
    }

    [Test]
    public void Train_ParametersOutOfRange_NamesThemAll()
    {
        var wrong = new ForestParameters
        {
            Trees = 0, Leaves = 1, Depth = 0, FeatureFraction = 0, BaggingFraction = 1, RowsInLeaf = 0, Seed = -1, Threads = 0,
        };

        var faults = new Faults();
        wrong.Check(faults);
        Assert.That(faults.Select(f => f.Field).Distinct().Count(), Is.EqualTo(8));
        Assert.That(() => LogOddsForest.Train(SyntheticRows.Make(100, seed: 1), wrong),
            Throws.ArgumentException.With.Message.Contains("forest.Trees").And.Message.Contains("forest.Threads"));
    }

    [Test]
    public void Train_Cancelled_Stops() => Assert.That(
        () => LogOddsForest.Train(SyntheticRows.Make(2_000, seed: 1), Quick, null, new CancellationToken(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());
}
