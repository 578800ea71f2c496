using FraudScoring.Inference.Attribution;

namespace FraudScoring.Tests.Inference.Attribution;

public sealed class TreeShapTests
{
    private static readonly BranchMode[] EveryMode = Enum.GetValues<BranchMode>();

    [Test]
    public void AddContributions_RandomTrees_EqualShapleyByDefinition(
        [Values(1, 2, 5, 16)] int leaves, [Values(1, 3, 6)] int features, [Values(0.0, 0.3)] double emptyShare)
    {
        var sampler = new TreeSampler(leaves + (100 * features)) { Features = features, EmptyShare = emptyShare };
        for (var round = 0; round < 10; round++)
        {
            AssertExact(sampler.Trees(3, leaves, 7), sampler.Row());
        }
    }

    [Test]
    public void AddContributions_EveryBranchMode_EqualShapleyByDefinition([ValueSource(nameof(EveryMode))] BranchMode mode)
    {
        var sampler = new TreeSampler(7) { Features = 4, Modes = [mode, BranchMode.LessOrEqual] };
        for (var round = 0; round < 10; round++)
        {
            AssertExact(sampler.Trees(2, 12, 6), sampler.Row());
        }
    }

    [Test]
    public void AddContributions_MoreThanEightFeaturesOnAPath_TakesMorePointsAndStaysExact()
    {
        var sampler = new TreeSampler(11) { Features = 13 };
        for (var round = 0; round < 3; round++)
        {
            AssertExact(sampler.Trees(1, 60, 20), sampler.Row());
        }
    }

    [Test]
    public void AddContributions_OneFeatureAllTheWayDown_GetsTheWholeDifference()
    {
        var sampler = new TreeSampler(3) { Features = 1 };
        var trees = sampler.Trees(4, 20, 20);
        AssertExact(trees, sampler.Row());
    }

    [TestCase(BranchMode.Less)]
    [TestCase(BranchMode.GreaterOrEqual)]
    public void AddContributions_ThresholdOfMinusInfinity_FollowsTheComparison(BranchMode mode)
    {
        var trees = Stump(mode, float.NegativeInfinity, missingTracksTrue: true);
        foreach (var value in new[] { float.NegativeInfinity, 0, float.NaN })
        {
            AssertExact(trees, [value]);
        }
    }

    [Test]
    public void AddContributions_OnlyLeaves_ContributesNothing()
    {
        var trees = new TreeSampler(5).Trees(3, 1, 1);
        var contributions = new double[6];
        var shap = new TreeShap(trees, 6);
        shap.AddContributions(new float[6], 1, contributions);
        Assert.That(contributions, Is.All.Zero);
        Assert.That(shap.BaseValue, Is.EqualTo(trees.Margin(new float[6])).Within(1e-12));
    }

    [Test]
    public void AddContributions_ManyTrees_AddUpToTheMargin()
    {
        var sampler = new TreeSampler(13) { Features = 30, Modes = EveryMode, EmptyShare = 0.02 };
        var trees = sampler.Trees(80, 40, 12);
        var shap = new TreeShap(trees, 30);
        for (var round = 0; round < 50; round++)
        {
            var row = sampler.Row();
            var contributions = new double[30];
            shap.AddContributions(row, 1, contributions);
            Assert.That(shap.BaseValue + contributions.Sum(), Is.EqualTo(trees.Margin(row)).Within(1e-4));
        }
    }

    [Test]
    public void AddContributions_Scaled_AddsToWhatIsThere()
    {
        var sampler = new TreeSampler(17);
        var shap = new TreeShap(sampler.Trees(3, 8, 5), 6);
        var row = sampler.Row();
        var once = new double[6];
        var twice = Enumerable.Repeat(1.0, 6).ToArray();
        shap.AddContributions(row, 1, once);
        shap.AddContributions(row, -2, twice);
        Assert.That(twice, Is.EqualTo(once.Select(c => 1 - (2 * c))).Within(1e-12));
    }

    [Test]
    public void Constructor_TreesWithoutCover_SaysHowToGiveThem()
    {
        var trees = Stump(BranchMode.LessOrEqual, 0, missingTracksTrue: false, cover: false);
        Assert.That(() => new TreeShap(trees, 1), Throws.ArgumentException.With.Message.Contains("nodes_hitrates"));
    }

    [Test]
    public void Constructor_RowsWithTooFewFeatures_NamesTheFeature()
    {
        var trees = new TreeSampler(19) { Features = 3 }.Trees(10, 10, 5);
        Assert.That(() => new TreeShap(trees, 2), Throws.ArgumentException.With.Message.Contains("feature 2"));
    }

    private static DecisionTrees Stump(BranchMode mode, float threshold, bool missingTracksTrue, bool cover = true)
    {
        var trees = new DecisionTrees
        {
            Roots = [0], Feature = [0, 0, 0], Threshold = [threshold, 0, 0], Mode = [mode, 0, 0],
            MissingTracksTrue = [missingTracksTrue, false, false],
            TrueChild = [1, -1, -1], FalseChild = [2, -1, -1], Value = [0, 2, -1],
        };
        return cover ? trees.WithCover([10.0, 4, 6]) : trees;
    }

    private static void AssertExact(DecisionTrees trees, float[] row)
    {
        var shap = new TreeShap(trees, row.Length);
        var contributions = new double[row.Length];
        shap.AddContributions(row, 1, contributions);
        Assert.That(contributions, Is.EqualTo(BruteForceShapley.Contributions(trees, row)).Within(2e-6));
        Assert.That(shap.BaseValue + contributions.Sum(), Is.EqualTo(trees.Margin(row)).Within(1e-5));
    }
}
