using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;
using Of = FraudScoring.Inference.Compilation.ValueKinds;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// The operators of the default domain that ONNX Runtime 1.31 runs on CUDA, and their types: copied from docs/OperatorKernels.md of its
/// sources, as far as a twin may use them. Any other node would run on the CPU, with its values copied back and forth.
/// </summary>
internal static class CudaKernels
{
    private const int Newest = int.MaxValue;

    private static readonly ILookup<string, CudaKernel> ByOperator = new CudaKernel[]
    {
        new("Add", 13, 13, Of.Wide), new("Add", 14, Newest, Of.Numbers),
        new("And", 7, Newest, Of.Bool),
        new("Cast", 13, Newest, Of.Castable) { Output = Of.Castable },
        new("Ceil", 13, Newest, Of.Real),
        new("Clip", 13, Newest, Of.Real | Of.Int64 | Of.Int8 | Of.UInt64 | Of.UInt8),
        new("Concat", 13, Newest, Of.All),
        new("ConstantOfShape", 9, Newest, Of.Int64) { Output = Of.All },
        new("Div", 13, 13, Of.Wide), new("Div", 14, Newest, Of.Numbers),
        new("Elu", 6, Newest, Of.Real),
        new("Equal", 13, Newest, Of.Compared | Of.Bool),
        new("Erf", 13, Newest, Of.Reals),
        new("Exp", 13, Newest, Of.Reals),
        new("Expand", 13, Newest, Of.All) { Second = Of.Int64 },
        new("Flatten", 13, Newest, Of.All),
        new("Floor", 13, Newest, Of.Real),
        new("Gather", 13, Newest, Of.All) { Second = Of.Index },
        new("GatherElements", 13, Newest, Of.All) { Second = Of.Index },
        new("Gemm", 13, Newest, Of.Reals),
        new("Greater", 13, Newest, Of.Compared),
        new("GreaterOrEqual", 12, Newest, Of.Compared),
        new("Identity", 13, Newest, Of.All),
        new("IsNaN", 13, Newest, Of.Reals),
        new("LeakyRelu", 6, Newest, Of.Real),
        new("Less", 13, Newest, Of.Compared),
        new("LessOrEqual", 12, Newest, Of.Compared),
        new("Log", 13, Newest, Of.Real),
        new("MatMul", 13, Newest, Of.Reals),
        new("Max", 13, Newest, Of.Wide),
        new("Min", 13, Newest, Of.Wide),
        new("Mul", 13, 13, Of.Wide), new("Mul", 14, Newest, Of.Numbers),
        new("Neg", 13, Newest, Of.Reals | Of.Int8 | Of.Int16 | Of.Int32 | Of.Int64),
        new("Not", 1, Newest, Of.Bool),
        new("Or", 7, Newest, Of.Bool),
        new("Pow", 13, 14, Of.Real | Of.Int32 | Of.Int64), new("Pow", 15, Newest, Of.Reals | Of.Int32 | Of.Int64),
        new("Reciprocal", 13, Newest, Of.Real),
        new("ReduceMax", 1, 17, Of.Real | Of.Int32 | Of.Int64),
        new("ReduceMax", 18, Newest, Of.Real | Of.Int32 | Of.Int64) { Second = Of.Int64 },
        new("ReduceMean", 1, 17, Of.Real | Of.Int32), new("ReduceMean", 18, Newest, Of.Real | Of.Int32) { Second = Of.Int64 },
        new("ReduceMin", 1, 17, Of.Real | Of.Int32 | Of.Int64 | Of.Int8 | Of.UInt8),
        new("ReduceMin", 18, Newest, Of.Real | Of.Int32 | Of.Int64 | Of.Int8 | Of.UInt8) { Second = Of.Int64 },
        new("ReduceSum", 13, Newest, Of.Reals | Of.Int32 | Of.Int64) { Second = Of.Int64 },
        new("Relu", 13, Newest, Of.Reals),
        new("Reshape", 13, Newest, Of.All) { Second = Of.Int64 },
        new("Round", 11, Newest, Of.Real),
        new("Shape", 13, Newest, Of.All),
        new("Sigmoid", 13, Newest, Of.Reals),
        new("Sign", 13, Newest, Of.Numbers),
        new("Slice", 13, Newest, Of.All) { Second = Of.Index },
        new("Softmax", 13, Newest, Of.Reals),
        new("Softplus", 1, Newest, Of.Real),
        new("Split", 13, Newest, Of.All) { Second = Of.Int64 },
        new("Sqrt", 13, Newest, Of.Real),
        new("Squeeze", 13, Newest, Of.All) { Second = Of.Int64 },
        new("Sub", 13, 13, Of.Wide), new("Sub", 14, Newest, Of.Numbers),
        new("Sum", 13, Newest, Of.Reals),
        new("Tanh", 13, Newest, Of.Reals),
        new("Tile", 13, Newest, Of.Reals | Of.Int32 | Of.Int64) { Second = Of.Int64 },
        new("Transpose", 13, Newest, Of.All),
        new("Unsqueeze", 13, Newest, Of.All) { Second = Of.Int64 },
        new("Where", 9, 15, Of.Bool) { Second = Of.Real | Of.Int32 | Of.Int64 | Of.UInt8 },
        new("Where", 16, Newest, Of.Bool) { Second = Of.Reals | Of.Int32 | Of.Int64 | Of.UInt8 },
        new("Xor", 7, Newest, Of.Bool),
    }.ToLookup(kernel => kernel.Operator);

    /// <summary>Adds every reason why a node would not run on CUDA.</summary>
    /// <param name="node">The node.</param>
    /// <param name="opset">Version of the default domain's operators.</param>
    /// <param name="types">Types of its inputs and outputs.</param>
    /// <param name="faults">Receives the reasons.</param>
    public static void Check(NodeProto node, long opset, ValueTypes types, Faults faults)
    {
        if (node.Domain is not ("" or "ai.onnx"))
        {
            faults.Add(NameOf(node), $"cannot be compiled, and no operator of {node.Domain} has a CUDA kernel");
        }
        else if (node.OpType == "Constant")
        {
            // The runtime turns a constant into an initializer when it opens a session.
            return;
        }
        else if (ByOperator[node.OpType].FirstOrDefault(k => k.Since <= opset && opset <= k.Until) is not { } kernel)
        {
            faults.Add(NameOf(node), $"has no CUDA kernel in version {opset}");
        }
        else
        {
            CheckTypes(node, kernel, types, faults);
        }
    }

    private static void CheckTypes(NodeProto node, CudaKernel kernel, ValueTypes types, Faults faults)
    {
        for (var i = 0; i < node.Input.Count; i++)
        {
            var type = types.Find(node.Input[i]);
            if (node.Input[i].Length > 0 && !(i == 0 ? kernel.First : kernel.Second ?? kernel.First).Holds(type))
            {
                faults.Add(NameOf(node), $"has no CUDA kernel for '{node.Input[i]}' of type {Named(type)}");
            }
        }
        if (kernel.Output is { } output && !output.Holds(types.Find(node.Output[0])))
        {
            faults.Add(NameOf(node), $"has no CUDA kernel that returns type {Named(types.Find(node.Output[0]))}");
        }
    }

    private static string NameOf(NodeProto node) => $"{node.OpType} '{(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault())}'";

    private static string Named(DataType type) => type == DataType.Undefined ? "unknown" : type.ToString().ToLowerInvariant();
}

/// <summary>A CUDA kernel of ONNX Runtime.</summary>
/// <param name="Operator">Its operator.</param>
/// <param name="Since">First operator version that it implements.</param>
/// <param name="Until">Last operator version that it implements.</param>
/// <param name="First">Types of the first input, and of the others unless <see cref="Second"/> is set.</param>
internal sealed record CudaKernel(string Operator, int Since, int Until, ValueKinds First)
{
    /// <summary>Types of the second and later inputs, if they differ.</summary>
    public ValueKinds? Second { get; init; }

    /// <summary>Types of the output, if it does not follow from the inputs.</summary>
    public ValueKinds? Output { get; init; }
}
