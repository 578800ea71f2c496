using FraudScoring.Inference.Attribution;
using FraudScoring.Onnx;

namespace FraudScoring.Tests.Inference.Attribution;

public sealed class TreeEnsembleReaderTests
{
    [Test]
    public void Read_RegressorOfEveryMode_ReturnsTheSameMargins()
    {
        var sampler = new TreeSampler(79) { Modes = Enum.GetValues<BranchMode>() };
        var trees = sampler.Trees(10, 12, 6);
        var read = TreeEnsembleReader.Parse(EnsembleGraphs.TreeNode(trees));
        for (var round = 0; round < 100; round++)
        {
            var row = Array.ConvertAll(sampler.Row(), value => float.IsNaN(value) ? 0 : value);
            Assert.That(read.Margin(row), Is.EqualTo(trees.Margin(row)).Within(1e-6));
        }
    }

    [Test]
    public void Read_HitratesThatAddUp_AreCover()
    {
        var trees = new TreeSampler(83).Trees(4, 8, 5);
        Assert.That(TreeEnsembleReader.Parse(EnsembleGraphs.TreeNode(trees)).Cover, Is.EqualTo(trees.Cover).Within(1e-3));
    }

    [Test]
    public void Read_MissingValueAtNotEqual_IsTrueAsTheRuntimeComparesIt()
    {
        var trees = new TreeSampler(89) { Features = 1, Modes = [BranchMode.NotEqual] }.Trees(1, 2, 1);
        var node = EnsembleGraphs.TreeNode(trees);
        node.Attribute.Remove(node.Attribute.Single(attribute => attribute.Name == "nodes_missing_value_tracks_true"));
        var read = TreeEnsembleReader.Parse(node);
        Assert.That(read.Child(0, float.NaN), Is.EqualTo(read.TrueChild[0]));
    }

    [Test]
    public void Read_Average_DividesByTheTrees()
    {
        var trees = new TreeSampler(97).Trees(4, 6, 4);
        var node = EnsembleGraphs.TreeNode(trees);
        node.Attribute.Add(EnsembleGraphs.Text("aggregate_function", "AVERAGE"));
        var row = new float[6];
        Assert.That(TreeEnsembleReader.Parse(node).Margin(row) - 0.25, Is.EqualTo((trees.Margin(row) - 0.25) / 4).Within(1e-6));
    }

    [TestCase("post_transform", "SOFTMAX")]
    [TestCase("aggregate_function", "MAX")]
    public void Read_WhatIsNotAdditive_IsRefused(string attribute, string value)
    {
        var node = EnsembleGraphs.TreeNode(new TreeSampler(101).Trees(2, 4, 3));
        node.Attribute.Add(EnsembleGraphs.Text(attribute, value));
        Assert.That(() => TreeEnsembleReader.Parse(node),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(attribute).And.Message.Contains(value));
    }

    [Test]
    public void Read_FaultyNodes_NamesEveryFault()
    {
        var node = EnsembleGraphs.TreeNode(new TreeSampler(103).Trees(2, 4, 3));
        AttributeProto Attribute(string name) => node.Attribute.Single(attribute => attribute.Name == name);
        Attribute("nodes_truenodeids").Ints[0] = 999;
        Attribute("nodes_values").Floats[0] = float.NaN;
        Attribute("nodes_featureids").Ints[0] = -1;
        Assert.That(() => TreeEnsembleReader.Parse(node), Throws.InstanceOf<InvalidDataException>()
            .With.Message.Contains("no node 999").And.Message.Contains("nodes_values[0]").And.Message.Contains("nodes_featureids[0]"));
    }

    [Test]
    public void Read_ChildThatIsAnAncestor_IsNoTree()
    {
        var node = EnsembleGraphs.TreeNode(new TreeSampler(107).Trees(1, 4, 3));
        node.Attribute.Single(attribute => attribute.Name == "nodes_truenodeids").Ints[0] = 0;
        Assert.That(() => TreeEnsembleReader.Parse(node), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("one root"));
    }

    [Test]
    public void Read_AttributesOfDifferentLengths_NamesThem()
    {
        var node = EnsembleGraphs.TreeNode(new TreeSampler(109).Trees(1, 4, 3));
        node.Attribute.Single(attribute => attribute.Name == "nodes_modes").Strings.RemoveAt(0);
        Assert.That(() => TreeEnsembleReader.Parse(node), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("nodes_modes"));
    }

    [Test]
    public void Read_DoublePrecision_SaysSo()
    {
        var node = EnsembleGraphs.TreeNode(new TreeSampler(113).Trees(1, 4, 3));
        node.Attribute.Add(new AttributeProto { Name = "nodes_values_as_tensor" });
        Assert.That(() => TreeEnsembleReader.Parse(node),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("nodes_values_as_tensor"));
    }

    [Test]
    public void Read_ModelWithoutTrees_SaysWhatIsNeeded()
    {
        var model = new ModelProto { Graph = new GraphProto() };
        Assert.That(() => TreeEnsembleReader.Parse(model, "trees"),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("named 'trees'"));
    }

    [Test]
    public void WithCover_RowsOfTheSample_CountsEachWhereItPasses()
    {
        var sampler = new TreeSampler(127);
        var trees = sampler.Trees(3, 8, 5);
        var rows = Enumerable.Range(0, 40).SelectMany(_ => sampler.Row()).ToArray();
        var counted = trees.WithCover(rows, 6);
        Assert.That(trees.Roots.Select(root => counted.Cover![root]), Is.All.EqualTo(40));
        Assert.That(counted.IsCover(counted.Cover), Is.True);
        Assert.That(new TreeShap(counted, 6).BaseValue, Is.EqualTo(rows.Chunk(6).Average(row => trees.Margin(row))).Within(1e-9));
    }

    [Test]
    public void WithCover_NumbersThatDoNotAddUp_NamesTheNode()
    {
        var trees = new TreeSampler(131).Trees(1, 4, 3);
        Assert.That(() => trees.WithCover(Enumerable.Repeat(1.0, trees.NodeCount).ToArray()),
            Throws.ArgumentException.With.Message.Contains("cover[0]"));
        Assert.That(() => trees.WithCover([1.0]), Throws.ArgumentException.With.Message.Contains("one per node"));
        Assert.That(() => trees.WithCover(new float[5], 6), Throws.ArgumentException.With.Message.Contains("whole rows"));
    }
}
