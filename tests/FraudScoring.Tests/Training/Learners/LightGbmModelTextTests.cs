using FraudScoring.Tests.Training.Export;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class LightGbmModelTextTests
{
    private static readonly string Model = OracleFiles.Text("trees/lightgbm/model.txt");

    [Test]
    public void Parse_ModelOfPythonsLightGbm_ReadsEveryTree()
    {
        var model = LightGbmModelText.Parse(Model);

        Assert.That(model.Trees, Has.Count.EqualTo(120));
        Assert.That(model.FeatureNames, Has.Count.EqualTo(12));
        Assert.That(model.Sigmoid, Is.EqualTo(1));
        Assert.That(model.Trees[0].Splits[0].Feature, Is.EqualTo(6));
        Assert.That(model.Trees[0].Splits[0].Missing, Is.EqualTo(MissingKind.NaN));
        Assert.That(model.Trees.Select(t => t.Splits[0].Count), Has.All.EqualTo(20_000));
        Assert.That(model.Trees.Select(t => t.LeafCounts.Sum()), Has.All.EqualTo(20_000));
    }

    [Test]
    public void Parse_CategoricalSplit_ReadsItsBits()
    {
        const string text = """
            tree
            num_class=1
            num_tree_per_iteration=1
            objective=binary sigmoid:2
            feature_names=a b
            Tree=0
            num_leaves=3
            num_cat=2
            split_feature=0 1
            threshold=1 0
            decision_type=1 1
            left_child=1 -1
            right_child=-3 -2
            leaf_value=0.5 -0.5 0.25
            leaf_count=3 4 5
            internal_count=12 7
            cat_boundaries=0 1 3
            cat_threshold=9 1 2147483648
            is_linear=0
            end of trees
            """;

        var model = LightGbmModelText.Parse(text);

        Assert.That(model.Sigmoid, Is.EqualTo(2));
        Assert.That(model.Trees[0].Splits[0].Categories, Is.EqualTo(new[] { 0, 63 }));
        Assert.That(model.Trees[0].Splits[1].Categories, Is.EqualTo(new[] { 0, 3 }));
    }

    [Test]
    public void Parse_WhatIsNotSupported_NamesAllOfIt()
    {
        var text = Model.Replace("num_class=1", "num_class=3", StringComparison.Ordinal)
            .Replace("objective=binary sigmoid:1", "objective=multiclass num_class:3\naverage_output", StringComparison.Ordinal)
            .Replace("is_linear=0", "is_linear=1", StringComparison.Ordinal);

        Assert.That(() => LightGbmModelText.Parse(text), Throws.TypeOf<InvalidDataException>().With.Message
            .Contains("num_class").And.Message.Contains("objective").And.Message.Contains("average_output")
            .And.Message.Contains("Tree=7: linear trees"));
    }

    [TestCase("hello", "first line")]
    [TestCase("", "first line")]
    public void Parse_AnotherText_SaysWhatIsWrong(string text, string message)
    {
        Assert.That(() => LightGbmModelText.Parse(text), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }

    [Test]
    public void Parse_DamagedTree_NamesTreeAndLine()
    {
        var lines = Model.Split('\n');
        var at = Array.FindIndex(lines, line => line.StartsWith("threshold=", StringComparison.Ordinal));
        lines[at] = lines[at].Replace(' ', 'x');

        Assert.That(() => LightGbmModelText.Parse(string.Join('\n', lines)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("Tree=0").And.Message.Contains("threshold"));
    }

    [Test]
    public void Parse_ChildrenInACircle_AreRefused()
    {
        var circle = "left_child=" + string.Join(' ', new int[30]);
        var lines = Model.Split('\n').Select(line => line.StartsWith("left_child=", StringComparison.Ordinal) ? circle : line);
        var text = string.Join('\n', lines);

        Assert.That(() => LightGbmModelText.Parse(text), Throws.TypeOf<InvalidDataException>().With.Message.Contains("child"));
    }

    [Test]
    public void Of_NoTrees_SaysSo()
    {
        var empty = new LightGbmModel(["a"], 1, []);

        Assert.That(() => TreeEnsembleNodes.Create(empty), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no trees"));
    }
}
