using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>Compiles a model's CUDA twin: the same function, with trees written as tensor operators.</summary>
/// <remarks>
/// <para>
/// ONNX Runtime has no CUDA kernel for tree ensembles. In the model itself they run on the CPU, while the GPU waits and values are copied
/// back and forth. In the twin every operator has a CUDA kernel, so the whole graph stays on the GPU and can be recorded. The rejected
/// alternative, a kernel of our own, would be native code to build and test for each runtime and CUDA version. The cost is a second, larger
/// graph, which must be compared with the model, since a compiler can be wrong.
/// </para>
/// <para>
/// Inputs and outputs keep their names and types, except that the output of a ZipMap becomes a tensor (<see cref="MapOutputs"/>). All other
/// nodes are the model's own.
/// </para>
/// </remarks>
public static class CudaTwin
{
    /// <summary>Compiles the twin.</summary>
    /// <param name="model">The model, which is not changed.</param>
    /// <param name="faults">Receives why there can be no twin. The model may still be fine for the CPU.</param>
    public static ModelProto? Compile(ModelProto model, Faults faults) => Compile(model, null, faults);

    /// <summary>Compiles the twin with all trees in one form, or in the one of least cost if null.</summary>
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
                // So that nodes after one that cannot be compiled report no unknown types in addition.
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

    /// <summary>
    /// Writes a matrix product in double. Tensor cores may round the factors of a float product to 11 bits, an error far beyond that of the
    /// trees to which the product is added.
    /// </summary>
    private static void AddInDouble(TwinGraph graph, NodeProto node)
    {
        graph.Begin(node.Output[0]);
        string[] inputs = [.. node.Input.Select(input => input.Length > 0 ? graph.Cast(input, DataType.Double) : input)];
        graph.Cast(graph.Add(node.OpType, inputs, [.. node.Attribute]), DataType.Float, node.Output[0]);
    }
}
