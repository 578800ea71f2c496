using FraudScoring.Onnx;
using FraudScoring.Tests.Training.Learners;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Export;

public sealed class TreeEnsembleNodesTests
{
    [TestCase("lightgbm")]
    [TestCase("lightgbm-deep")]
    public void ToNode_ModelOfPythonsLightGbm_GivesItsProbabilities(string kind)
    {
        var model = LightGbmModelText.Parse(OracleFiles.Text($"trees/{kind}/model.txt"));

        var margins = OnnxRun.Run(OnnxRun.TreesAlone(model), OracleFiles.Rows($"trees/{kind}/rows.csv"))["margin"];

        var probabilities = margins.Select(m => (float)Logistic.Sigmoid(m));
        var expected = $"trees/{kind}/expected.csv";
        Assert.That(OnnxRun.LargestGap(probabilities, OracleFiles.Column(expected, "probability")), Is.LessThanOrEqualTo(1e-6));
        Assert.That(OnnxRun.LargestGap(margins, OracleFiles.Column(expected, "margin")), Is.LessThanOrEqualTo(1e-5));
    }

    [TestCase("")]
    [TestCase("zero_as_missing=true")]
    [TestCase("use_missing=false")]
    [TestCase("max_cat_threshold=8 max_cat_to_onehot=1 cat_l2=1 cat_smooth=1")]
    [TestCase("max_cat_threshold=32 max_cat_to_onehot=1 num_leaves=4")]
    [TestCase("num_leaves=255 max_depth=-1 min_data_in_leaf=2")]
    public void ToNode_WhateverLightGbmsOptions_GivesLightGbmsMarginsToTheBit(string options)
    {
        var trees = Train(SyntheticRows.Make(6_000, seed: 5), options, count: 12);

        foreach (var rows in new[] { SyntheticRows.Make(3_000, seed: 6), SyntheticRows.Extremes() })
        {
            var margins = OnnxRun.Run(OnnxRun.TreesAlone(LightGbmModelText.Parse(trees.ModelText)), rows)["margin"];
            Assert.That(margins.Select(m => (double)m), Is.EqualTo(trees.PredictMargins(rows)));
        }
    }

    [Test]
    public void ToNode_TreesOfOneLeaf_GiveTheirSum()
    {
        var trees = Train(SyntheticRows.Make(2_000, seed: 5), "min_data_in_leaf=1500", count: 3);
        var rows = SyntheticRows.Make(5, seed: 6);

        var model = LightGbmModelText.Parse(trees.ModelText);
        var margins = OnnxRun.Run(OnnxRun.TreesAlone(model), rows)["margin"];

        Assert.That(model.Trees.Select(t => t.Splits.Count), Has.All.Zero);
        Assert.That(margins.Select(m => (double)m), Is.EqualTo(trees.PredictMargins(rows)));
    }

    [Test]
    public void ToNode_CategoricalSplits_CoverOfEveryNodeIsThatOfItsChildren()
    {
        const string options = "bagging_fraction=1 max_cat_threshold=8 max_cat_to_onehot=1 cat_smooth=1";
        var trees = Train(SyntheticRows.Make(6_000, seed: 5), options, count: 12);

        var node = TreeEnsembleNodes.Create(LightGbmModelText.Parse(trees.ModelText)).ToNode("trees", "features", "margin");

        var (covers, modes, start) = (Floats(node, "nodes_hitrates"), Texts(node, "nodes_modes"), 0L);
        var (ids, whenTrue, whenFalse) = (Ints(node, "nodes_nodeids"), Ints(node, "nodes_truenodeids"), Ints(node, "nodes_falsenodeids"));
        for (var i = 0; i < covers.Count; i++)
        {
            start = ids[i] == 0 ? i : start;
            if (ids[i] == 0)
            {
                Assert.That(covers[i], Is.EqualTo(6_000).Within(0.01), "every row comes to every root");
            }
            if (modes[i] != "LEAF")
            {
                var children = covers[(int)(start + whenTrue[i])] + covers[(int)(start + whenFalse[i])];
                Assert.That(children, Is.EqualTo(covers[i]).Within(1e-4 * covers[i]));
            }
        }
    }

    [Test]
    public void ToNode_CoverWeightedLeaves_AddUpToLightGbmsMeanMargin()
    {
        var rows = SyntheticRows.Make(6_000, seed: 5);
        var trees = Train(rows, "bagging_fraction=1 max_cat_threshold=4 max_cat_to_onehot=1", count: 12);

        var node = TreeEnsembleNodes.Create(LightGbmModelText.Parse(trees.ModelText)).ToNode("trees", "features", "margin");

        var nodes = Texts(node, "nodes_modes").Zip(Floats(node, "nodes_hitrates"), (mode, cover) => (mode, cover));
        var leaves = nodes.Where(n => n.mode == "LEAF").Select(n => (double)n.cover);
        var mean = leaves.Zip(Floats(node, "target_weights"), (cover, value) => cover / rows.Rows * value).Sum();
        Assert.That(mean, Is.EqualTo(trees.PredictContributions(rows.Slice(0, 1))[^1]).Within(1e-5));
    }

    [Test]
    public void ToNode_AnyModel_ComparesWithLessOrEqualOnly()
    {
        var trees = Train(SyntheticRows.Make(6_000, seed: 5), "zero_as_missing=true", count: 5);

        var node = TreeEnsembleNodes.Create(LightGbmModelText.Parse(trees.ModelText)).ToNode("trees", "features", "margin");

        Assert.That(Texts(node, "nodes_modes").Distinct(), Is.EquivalentTo(new[] { "BRANCH_LEQ", "LEAF" }));
    }

    private static GrownTrees Train(TrainingMatrix rows, string options, int count)
    {
        var text = $"{options} {new BoostedTreesParameters().ToText()}";
        using var dataset = DatasetHandle.Create(rows, text);
        using var booster = BoosterHandle.Create(dataset, text);
        for (var i = 0; i < count; i++)
        {
            booster.Update();
        }
        return new GrownTrees(LeafGrid.Snap(booster.Text()), rows.Features);
    }

    private static Google.Protobuf.Collections.RepeatedField<float> Floats(NodeProto node, string name) =>
        node.Attribute.Single(a => a.Name == name).Floats;

    private static Google.Protobuf.Collections.RepeatedField<long> Ints(NodeProto node, string name) =>
        node.Attribute.Single(a => a.Name == name).Ints;

    private static List<string> Texts(NodeProto node, string name) =>
        [.. node.Attribute.Single(a => a.Name == name).Strings.Select(s => s.ToStringUtf8())];
}
