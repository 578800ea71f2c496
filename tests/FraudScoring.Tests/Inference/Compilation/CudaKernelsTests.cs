using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Compilation;
using FraudScoring.Onnx;
using FraudScoring.Tests.Inference.Attribution;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Tests.Training.Export;
using FraudScoring.Training.Export;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Tests.Inference.Compilation;

[Parallelizable]
public sealed class CudaKernelsTests
{
    private static IEnumerable<TestCaseData> Models()
    {
        string[] oracles = ["trees/lightgbm", "trees/lightgbm-deep", "trees/xgboost", "trees/catboost", "trees/random-forest"];
        foreach (var path in oracles.Select(kind => OracleFiles.Path($"{kind}/model.onnx"))
            .Append(OracleFiles.Path("served/isolation-forest.onnx")).Append(Path.Combine(BundleFolder.Committed, "model.onnx")))
        {
            yield return new TestCaseData(path).SetArgDisplayNames(Path.GetRelativePath(RepositoryFiles.Path(), path));
        }
    }

    [TestCaseSource(nameof(Models))]
    public void Check_EveryNodeOfEveryTwin_HasACudaKernelForItsTypes(string path)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (var form in new TreeForm?[] { null, TreeForm.Matrix, TreeForm.Perfect, TreeForm.Pointers })
        {
            AssertRunsOnCuda(TwinRuns.Twin(model, form));
        }
    }

    [Test]
    public void Compile_CollectorHoldsFaults_StillMakesTheTwin()
    {
        Faults faults = [new Fault("other.onnx", "is wrong")];
        Assert.That(CudaTwin.Compile(TwinRuns.Regressor(new TreeSampler(241).Trees(6, 20, 6), 6), faults), Is.Not.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
    }

    [TestCase(13)]
    [TestCase(16)]
    [TestCase(21)]
    public void Compile_ModelOfAnotherVersion_UsesThatVersion(long opset)
    {
        var model = TwinRuns.Regressor(new TreeSampler(241) { Modes = Enum.GetValues<BranchMode>() }.Trees(6, 20, 6), 6);
        model.OpsetImport[0].Version = opset;
        var twin = TwinRuns.Twin(model, TreeForm.Perfect);
        Assert.That(twin.OpsetImport.Single().Version, Is.EqualTo(opset));
        AssertRunsOnCuda(twin);
        var rows = new[] { new float[6], [.. Enumerable.Repeat(float.NaN, 6)] };
        Assert.That(TwinRuns.Run(twin, rows, 6)["margin"], Is.EqualTo(TwinRuns.Run(model, rows, 6)["margin"]).Within(1e-6));
    }

    [Test]
    public void Compile_ClassLabelsThatAreTexts_SaysSo() => AssertRefused(
        Classifier(EnsembleGraphs.Texts("classlabels_strings", ["good", "fraud"])), "classlabels_strings", "labels that are strings");

    [Test]
    public void Compile_OtherOperatorsForClassicalLearning_AreNamed()
    {
        var model = TwinRuns.Regressor(new TreeSampler(251).Trees(2, 4, 3), 6);
        model.Graph.Node.Insert(0,
            new NodeProto { OpType = "Scaler", Domain = "ai.onnx.ml", Name = "scale", Input = { "features" }, Output = { "scaled" } });
        model.Graph.Node.Insert(0, new NodeProto { OpType = "Loop", Name = "again", Input = { "features" }, Output = { "looped" } });
        AssertRefused(model, "Scaler 'scale'", "ai.onnx.ml", "Loop 'again'", "CUDA kernel");
    }

    [Test]
    public void Compile_InputOfDoubles_SaysWhatIsCompiled()
    {
        var model = TwinRuns.Regressor(new TreeSampler(257).Trees(2, 4, 3), 6);
        model.Graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Double;
        AssertRefused(model, "double", "trees over float");
    }

    [Test]
    public void Compile_InvalidTrees_NamesTheFault()
    {
        var model = TwinRuns.Regressor(new TreeSampler(263).Trees(2, 4, 3), 6);
        model.Graph.Node[0].Attribute.Single(attribute => attribute.Name == "nodes_truenodeids").Ints[0] = 999;
        AssertRefused(model, "nodes_truenodeids[0]", "no node 999");
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Compile_TwoBaseValuesForTwoClasses_AreRefused(int leafClasses)
    {
        var model = Classifier(EnsembleGraphs.Integers("classlabels_int64s", [0, 1]));
        var node = model.Graph.Node[0];
        node.Attribute.Single(attribute => attribute.Name == "class_ids").Ints[0] = leafClasses - 1;
        node.Attribute.Remove(node.Attribute.Single(attribute => attribute.Name == "base_values"));
        node.Attribute.Add(EnsembleGraphs.Numbers("base_values", [0.1f, 0.2f]));
        AssertRefused(model, "base_values", "with two classes");
    }

    [Test]
    public void Compile_ProbitTransform_IsRefused()
    {
        var model = TwinRuns.Regressor(new TreeSampler(269).Trees(2, 4, 3), 6);
        model.Graph.Node[0].Attribute.Add(EnsembleGraphs.Text("post_transform", "PROBIT"));
        AssertRefused(model, "post_transform", "PROBIT");
    }

    [Test]
    public void Compile_OldVersionWhoseOperatorsChanged_NamesThem()
    {
        var model = TwinRuns.Regressor(new TreeSampler(271).Trees(2, 4, 3), 6);
        model.OpsetImport[0].Version = 9;
        model.Graph.Node.Add(OnnxNodes.Node("Softmax", "soft", ["margin"], "soft"));
        AssertRefused(model, "opset_import", "Softmax");
    }

    [Test]
    public void Check_SeveralInputsWithoutAKernel_AreAllNamed()
    {
        var graph = new GraphProto { Input = { OfType("left", DataType.String), OfType("right", DataType.Bool) } };
        var (types, faults) = (new ValueTypes(graph), new Faults());
        CudaKernels.Check(OnnxNodes.Node("Add", "sum", ["left", "right"], "sum"), 17, types, faults);
        Assert.That(faults.Select(fault => fault.ToString()), Is.EqualTo(new[]
        {
            "Add 'sum': has no CUDA kernel for 'left' of type string", "Add 'sum': has no CUDA kernel for 'right' of type bool",
        }));
    }

    private static ValueInfoProto OfType(string name, DataType type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } };

    private static ModelProto Classifier(AttributeProto labels)
    {
        var node = EnsembleGraphs.TreeNode(new TreeSampler(277).Trees(3, 8, 4));
        node.OpType = "TreeEnsembleClassifier";
        foreach (var attribute in node.Attribute)
        {
            attribute.Name = attribute.Name.Replace("target_", "class_", StringComparison.Ordinal);
        }
        node.Attribute.Add(labels);
        return TwinRuns.Alone(node, 6, ("label", 0), ("scores", 2));
    }

    private static void AssertRunsOnCuda(ModelProto twin)
    {
        var (types, faults) = (new ValueTypes(twin.Graph), new Faults());
        foreach (var node in twin.Graph.Node)
        {
            types.Record(node);
            CudaKernels.Check(node, twin.OpsetImport.Single(set => set.Domain == "").Version, types, faults);
        }
        Assert.That(faults, Is.Empty);
    }

    private static void AssertRefused(ModelProto model, params string[] reasons)
    {
        var faults = new Faults();
        Assert.That(CudaTwin.Compile(model, faults), Is.Null);
        foreach (var reason in reasons)
        {
            Assert.That(faults.ToString(), Does.Contain(reason));
        }
    }
}
