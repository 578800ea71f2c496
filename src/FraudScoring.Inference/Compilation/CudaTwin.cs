using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Makes a model's twin for CUDA. ONNX Runtime has no CUDA kernel for tree ensembles: left as they are, they run on the CPU while the GPU
/// waits. In the twin they are tensor operators, each of which has a CUDA kernel; the rest of the graph is the model's own. Inputs and
/// outputs keep their names and types, but that a ZipMap's output becomes a tensor (<see cref="MapOutputs"/>).
/// </summary>
public static class CudaTwin
{
    /// <summary>Makes the twin.</summary>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="faults">Gets why there can be no twin. The model itself may be all right for the CPU.</param>
    public static ModelProto? Compile(ModelProto model, Faults faults) => Compile(model, null, faults);

    /// <summary>Makes the twin with all trees in one form.</summary>
    internal static ModelProto? Compile(ModelProto model, TreeForm? form, Faults faults)
    {
        ArgumentNullException.ThrowIfNull(model);
        var before = faults.Count;
        var twin = model.Clone();
        MapOutputs.Unwrap(twin.Graph);
        var opset = OperatorVersion.Settle(twin, faults);
        if (opset > 0)
        {
            Write(twin.Graph, opset, form, faults);
        }
        return faults.Count == before ? twin : null;
    }

    private static void Write(GraphProto own, long opset, TreeForm? form, Faults faults)
    {
        var nodes = own.Node.ToList();
        HashSet<string> needed = [.. nodes.SelectMany(node => node.Input), .. own.Output.Select(output => output.Name)];
        var hasTrees = nodes.Any(TreeEnsembleCompiler.Compiles);
        var graph = new TwinGraph(own, opset, faults);
        foreach (var node in nodes)
        {
            if (TreeEnsembleCompiler.Compiles(node))
            {
                graph.Types.Record(node);
                TreeEnsembleCompiler.Compile(graph, node, needed, form, faults);
            }
            else if (LabelTable.Compiles(node))
            {
                LabelTable.Compile(graph, node, faults);
            }
            else if (hasTrees && node.OpType is "MatMul" or "Gemm" && graph.Types.Find(node.Input[0]) == DataType.Float)
            {
                AddInDouble(graph, node);
            }
            else
            {
                graph.Add(node);
            }
        }
    }

    /// <summary>Tensor cores round the factors of a product of floats; what is added to trees must not lose that much.</summary>
    private static void AddInDouble(TwinGraph graph, NodeProto node)
    {
        graph.Begin(node.Output[0]);
        string[] inputs = [.. node.Input.Select(input => input.Length > 0 ? graph.Cast(input, DataType.Double) : input)];
        graph.Cast(graph.Add(node.OpType, inputs, [.. node.Attribute]), DataType.Float, node.Output[0]);
    }
}
