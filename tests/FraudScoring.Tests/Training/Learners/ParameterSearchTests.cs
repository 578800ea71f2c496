using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

[Parallelizable]
public sealed class ParameterSearchTests
{
    private static readonly EnsembleParameters Start = new()
    {
        Trees = new BoostedTreesParameters { Trees = 30 },
        Forest = new ForestParameters { Trees = 5 },
        Folds = 2,
    };

    [Test]
    public void Run_SameSeed_TriesAndFindsTheSame()
    {
        var rows = SyntheticRows.Make(6_000, seed: 1);
        var done = new List<int>();

        var first = ParameterSearch.Run(rows, Start, 3, new RecordedRounds(done));
        var second = ParameterSearch.Run(rows, Start, 3);

        Assert.That(second.Best, Is.EqualTo(first.Best));
        Assert.That(second.Trials.Select(t => t.AveragePrecision), Is.EqualTo(first.Trials.Select(t => t.AveragePrecision)));
        Assert.That(done, Is.EqualTo(Enumerable.Range(1, 3 * ParameterSearch.Members)));
    }

    [Test]
    public void Run_AnySearch_ReturnsTheBestOfEachMemberAndBeginsWithWhatWasGiven()
    {
        var found = ParameterSearch.Run(SyntheticRows.Make(6_000, seed: 1), Start, 4);

        var best = FlatParameters.Flatten(found.Best);
        foreach (var member in found.Trials.GroupBy(t => t.Member))
        {
            var winner = member.MaxBy(t => t.AveragePrecision)!;
            Assert.That(winner.Parameters.All(p => best[$"{member.Key}.{p.Key}"] == p.Value), Is.True, member.Key);
        }
        Assert.That(found.Trials.Select(t => t.Member).Distinct(), Is.EqualTo(new[] { "trees", "forest", "linear" }));
        Assert.That(found.Trials[0].Parameters, Is.EqualTo(FlatParameters.Flatten(Start.Trees)));
    }

    [Test]
    public void Draw_ThousandDraws_LieWithinTheSpaceAndTheRanges()
    {
        for (var draw = 0; draw < 1_000; draw++)
        {
            var random = new RandomStream(1, RandomPurpose.ParameterSearch, draw);
            var trees = ParameterSpace.Draw(Start.Trees, random);
            var forest = ParameterSpace.Draw(Start.Forest, random);
            var linear = ParameterSpace.Draw(Start.Linear, random);
            var faults = new Faults();
            (Start with { Trees = trees, Forest = forest, Linear = linear }).Check(faults);
            Assert.That(faults, Is.Empty);
            Assert.That((trees.Leaves, trees.Depth, trees.RowsInLeaf), Is.EqualTo(
                (Math.Clamp(trees.Leaves, 15, 63), Math.Clamp(trees.Depth, 4, 8), Math.Clamp(trees.RowsInLeaf, 20, 200))));
            Assert.That((trees.LearningRate, trees.L2, linear.L2),
                Is.EqualTo((Math.Clamp(trees.LearningRate, 0.02, 0.12), Math.Clamp(trees.L2, 0.1, 30), Math.Clamp(linear.L2, 0.1, 300))));
            Assert.That((trees.Trees, forest.Trees, forest.Depth), Is.EqualTo((Start.Trees.Trees, Start.Forest.Trees, Start.Forest.Depth)));
        }
    }

    [Test]
    public void Run_NoFoldsNoTrialsAndFaultyStart_NamesThemAll() => Assert.That(
        () => ParameterSearch.Run(SyntheticRows.Make(100, seed: 1), Start with { Folds = 0, ValidationShare = 9 }, 0),
        Throws.ArgumentException.With.Message.Contains("search").And.Message.Contains("ValidationShare"));

    private sealed class RecordedRounds(List<int> reports) : IProgress<int>
    {
        public void Report(int value) => reports.Add(value);
    }
}
