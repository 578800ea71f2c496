using System.Text;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;

namespace FraudScoring.Tests.Inference.Devices;

public sealed class NodePlacementTests
{
    [Test]
    public void Of_ASessionOfTheCpu_FindsEveryNodeOnTheCpu()
    {
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!;
        using var options = CpuDevice.Options();
        var graph = new LaneGraph(bundle.Graph, bundle.FeatureIndexes.Length, bundle.Manifest.Members.Count, SizeBuckets.OneRow);
        var nodes = NodePlacement.Trace(graph, options);
        Assert.That(nodes.Select(node => node.Operator), Does.Contain("TreeEnsembleRegressor"));
        Assert.That(nodes.Select(node => node.Name), Does.Contain(EnsembleGraph.Trees));
        Assert.That(() => NodePlacement.Require(nodes, "CPUExecutionProvider"), Throws.Nothing);
        Assert.That(() => NodePlacement.Require(nodes, CudaDevice.Provider),
            Throws.InstanceOf<DeviceRefusedException>()
                .With.Message.Contains($"{EnsembleGraph.Trees} (TreeEnsembleRegressor, CPUExecutionProvider)"));
    }

    [Test]
    public void Require_OneNodeElsewhere_NamesItAlone()
    {
        const string profile = """
            [{"cat":"Session","name":"model_run","args":{}},
             {"cat":"Node","name":"gather_kernel_time","args":{"op_name":"Gather","provider":"CUDAExecutionProvider"}},
             {"cat":"Node","name":"gather_kernel_time","args":{"op_name":"Gather","provider":"CUDAExecutionProvider"}},
             {"cat":"Node","name":"trees_fence_before","args":{"op_name":"TreeEnsembleRegressor"}},
             {"cat":"Node","name":"trees_kernel_time","args":{"op_name":"TreeEnsembleRegressor","provider":"CPUExecutionProvider"}}]
            """;
        var nodes = NodePlacement.Parse(Encoding.UTF8.GetBytes(profile));
        Assert.That(() => NodePlacement.Require(nodes, CudaDevice.Provider), Throws.InstanceOf<DeviceRefusedException>().With.Message
            .EqualTo("1 of 2 nodes do not run on CUDAExecutionProvider: trees (TreeEnsembleRegressor, CPUExecutionProvider)"));
    }

    [TestCase("[")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("[1]")]
    public void Read_NoProfile_IsRefused(string profile) =>
        Assert.That(() => NodePlacement.Parse(Encoding.UTF8.GetBytes(profile)), Throws.InstanceOf<InvalidDataException>());
}
