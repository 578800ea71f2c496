using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Compilation;
using FraudScoring.Onnx;
using FraudScoring.Tests.Inference.Attribution;

namespace FraudScoring.Tests.Inference.Compilation;

public sealed class CudaTwinTests
{
    private static readonly BranchMode[] AllModes = Enum.GetValues<BranchMode>();

    private static IEnumerable<TestCaseData> Shapes()
    {
        foreach (var form in new TreeForm?[] { null, TreeForm.Matrix, TreeForm.Perfect, TreeForm.Pointers })
        {
            var name = form?.ToString() ?? "Chosen";
            yield return new TestCaseData(form, 40, 8, 3).SetArgDisplayNames(name, "shallow");
            yield return new TestCaseData(form, 20, 200, 9).SetArgDisplayNames(name, "deep");
            yield return new TestCaseData(form, 30, 31, 12).SetArgDisplayNames(name, "leaf-wise");
            yield return new TestCaseData(form, 5, 1, 0).SetArgDisplayNames(name, "single leaves");
            yield return new TestCaseData(form, 1, 2, 1).SetArgDisplayNames(name, "a stump");
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void Compile_RandomTrees_AgreesWithAScalarWalk(object? form, int count, int leaves, int depth)
    {
        var trees = new TreeSampler(211 + leaves) { Modes = AllModes }.Trees(count, leaves, depth);
        // The runtime compares NaN like any number: it differs from every threshold.
        var asRead = TreeEnsembleReader.Parse(EnsembleGraphs.TreeNode(trees));
        var rows = TwinRuns.Rows(trees, 6, 3_000, seed: leaves);
        var margins = TwinRuns.Run(TwinRuns.Twin(TwinRuns.Regressor(trees, 6), (TreeForm?)form), rows, 6)["margin"];
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.That(margins[i], Is.EqualTo(asRead.Margin(rows[i])).Within(1e-6), () => $"row {i}: {string.Join(" ", rows[i])}");
        }
    }

    [TestCase(TreeForm.Perfect)]
    [TestCase(TreeForm.Pointers)]
    [TestCase(TreeForm.Matrix)]
    public void Compile_ChainOfManyLevels_AgreesWithAScalarWalk(object form)
    {
        var trees = Chain(form is TreeForm.Pointers ? 120 : 12);
        var rows = TwinRuns.Rows(trees, 1, 500, seed: 5);
        var margins = TwinRuns.Run(TwinRuns.Twin(TwinRuns.Regressor(trees, 1), (TreeForm)form), rows, 1)["margin"];
        Assert.That(margins, Is.EqualTo(rows.Select(row => trees.Margin(row))).Within(1e-6));
    }

    [TestCase(null)]
    [TestCase(TreeForm.Perfect)]
    [TestCase(TreeForm.Pointers)]
    [TestCase(TreeForm.Matrix)]
    public void Compile_NoRows_ReturnsNoRows(object? form)
    {
        var trees = new TreeSampler(223) { Modes = AllModes }.Trees(10, 12, 5);
        var margins = TwinRuns.Run(TwinRuns.Twin(TwinRuns.Regressor(trees, 6), (TreeForm?)form), [], 6)["margin"];
        Assert.That(margins, Is.Empty);
    }

    [TestCase("SUM", "NONE", 1)]
    [TestCase("AVERAGE", "NONE", 1)]
    [TestCase("MIN", "NONE", 1)]
    [TestCase("MAX", "LOGISTIC", 1)]
    [TestCase("SUM", "LOGISTIC", 1)]
    [TestCase("SUM", "SOFTMAX", 3)]
    [TestCase("AVERAGE", "LOGISTIC", 3)]
    [TestCase("MIN", "NONE", 2)]
    [TestCase("MAX", "NONE", 2)]
    public void Compile_Regressor_AgreesWithTheRuntime(string aggregate, string transform, int targets)
    {
        var (trees, node) = Sampled(targets, "target");
        node.Attribute.Add(EnsembleGraphs.Text("aggregate_function", aggregate));
        node.Attribute.Add(EnsembleGraphs.Text("post_transform", transform));
        node.Attribute.Add(TwinGraph.Whole("n_targets", targets));
        AssertSame(TwinRuns.Alone(node, 6, ("scores", targets)), TwinRuns.Rows(trees, 6, 500, seed: 7));
    }

    [TestCase("NONE", 1, false, 0)]
    [TestCase("LOGISTIC", 1, false, 0)]
    [TestCase("LOGISTIC", 1, false, 1)]
    [TestCase("NONE", 1, true, 0)]
    [TestCase("LOGISTIC", 1, true, 0)]
    [TestCase("LOGISTIC", 2, false, 0)]
    [TestCase("SOFTMAX", 2, true, 0)]
    [TestCase("NONE", 3, true, 0)]
    [TestCase("SOFTMAX", 4, false, 4)]
    public void Compile_Classifier_AgreesWithTheRuntime(string transform, int leafClasses, bool positive, int bases)
    {
        var classes = Math.Max(2, leafClasses);
        var (trees, node) = Sampled(leafClasses, "class", positive);
        node.Attribute.Add(EnsembleGraphs.Integers("classlabels_int64s",
            Enumerable.Range(0, classes).Select(label => leafClasses == 1 ? 10L + label : label)));
        node.Attribute.Add(EnsembleGraphs.Text("post_transform", transform));
        if (bases > 0)
        {
            node.Attribute.Add(EnsembleGraphs.Numbers("base_values", Enumerable.Range(1, bases).Select(value => 0.3f * value)));
        }
        AssertSame(TwinRuns.Alone(node, 6, ("label", 0), ("scores", classes)), TwinRuns.Rows(trees, 6, 500, seed: 11));
    }

    [Test]
    public void Compile_SameModelTwice_ReturnsTheSameBytes()
    {
        var model = TwinRuns.Regressor(new TreeSampler(227) { Modes = AllModes }.Trees(20, 20, 6), 6);
        var first = TwinRuns.Twin(model);
        Assert.That(TwinRuns.Twin(model), Is.EqualTo(first));
    }

    [Test]
    public void Compile_Model_LeavesItAsItIs()
    {
        var model = TwinRuns.Regressor(new TreeSampler(229).Trees(3, 8, 4), 6);
        var before = model.Clone();
        TwinRuns.Twin(model);
        Assert.That(model, Is.EqualTo(before));
    }

    private static void AssertSame(ModelProto model, float[][] rows)
    {
        var (own, twin) = (TwinRuns.Run(model, rows, 6), TwinRuns.Run(TwinRuns.Twin(model), rows, 6));
        Assert.That(twin.Keys, Is.EquivalentTo(own.Keys));
        foreach (var (name, values) in own)
        {
            Assert.That(twin[name], Is.EqualTo(values).Within(1e-6), name);
        }
    }

    /// <summary>Trees whose leaves have weights for several targets or classes.</summary>
    private static (DecisionTrees Trees, NodeProto Node) Sampled(int targets, string kind, bool positive = false)
    {
        var trees = new TreeSampler(233 + targets) { Modes = AllModes }.Trees(12, 20, 7);
        var node = EnsembleGraphs.TreeNode(trees);
        List<long> Take(string name)
        {
            var attribute = node.Attribute.Single(a => a.Name == name);
            node.Attribute.Remove(attribute);
            return [.. attribute.Ints];
        }
        var (treeIds, nodeIds, _) = (Take("target_treeids"), Take("target_nodeids"), Take("target_ids"));
        node.Attribute.Remove(node.Attribute.Single(a => a.Name == "target_weights"));
        node.Attribute.Remove(node.Attribute.Single(a => a.Name == "base_values"));
        var random = new Random(239);
        IEnumerable<T> Times<T>(IEnumerable<T> values) => values.SelectMany(value => Enumerable.Repeat(value, targets));
        node.Attribute.Add(EnsembleGraphs.Integers($"{kind}_treeids", Times(treeIds)));
        node.Attribute.Add(EnsembleGraphs.Integers($"{kind}_nodeids", Times(nodeIds)));
        node.Attribute.Add(EnsembleGraphs.Integers($"{kind}_ids",
            nodeIds.SelectMany(_ => Enumerable.Range(0, targets).Select(id => (long)id))));
        node.Attribute.Add(EnsembleGraphs.Numbers($"{kind}_weights",
            Times(nodeIds).Select(_ => positive ? random.NextSingle() / 12 : (2 * random.NextSingle()) - 1)));
        node.OpType = kind == "class" ? "TreeEnsembleClassifier" : node.OpType;
        return (trees, node);
    }

    /// <summary>A tree of maximum depth: every split has one leaf.</summary>
    private static DecisionTrees Chain(int splits)
    {
        int[] all = [.. Enumerable.Range(0, (2 * splits) + 1)];
        bool IsSplit(int node) => node % 2 == 0 && node < 2 * splits;
        return new DecisionTrees
        {
            Roots = [0],
            Feature = new int[all.Length],
            Threshold = [.. all.Select(node => IsSplit(node) ? node : 0f)],
            Mode = new BranchMode[all.Length],
            MissingTracksTrue = [.. all.Select(node => node % 4 == 0)],
            TrueChild = [.. all.Select(node => IsSplit(node) ? node + 1 : -1)],
            FalseChild = [.. all.Select(node => IsSplit(node) ? node + 2 : -1)],
            Value = [.. all.Select(node => IsSplit(node) ? 0 : 0.5 + node)],
        };
    }
}
