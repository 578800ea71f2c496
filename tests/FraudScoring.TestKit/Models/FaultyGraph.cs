using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using Google.Protobuf;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.TestKit.Models;

/// <summary>How a graph fails on the affected rows.</summary>
internal enum GraphFault
{
    /// <summary>Returns NaN as the probability.</summary>
    NotANumber = 1,
    /// <summary>Returns a probability above 1.</summary>
    OutOfRange = 2,
    /// <summary>Throws instead of running.</summary>
    Fails = 99,
}

/// <summary>A bundle's graph that fails on rows with a feature above a limit, and is otherwise unchanged.</summary>
internal static class FaultyGraph
{
    public static byte[] Create(byte[] graph, int feature, float above, GraphFault fault)
    {
        var model = ModelProto.Parser.ParseFrom(graph);
        var last = model.Graph.Node.Single(node => node.Output.Contains(EnsembleGraph.Probability));
        last.Output[last.Output.IndexOf(EnsembleGraph.Probability)] = "faulty.plain";
        Number(model, "faulty.feature", DataType.Int64, BitConverter.GetBytes((long)feature), 1);
        Number(model, "faulty.above", DataType.Float, BitConverter.GetBytes(above));
        Number(model, "faulty.fault", DataType.Int64, BitConverter.GetBytes((long)fault));
        Number(model, "faulty.none", DataType.Int64, BitConverter.GetBytes(0L));
        // Added to the probability, by fault. A graph that throws has no entry: the lookup is out of range.
        Number(model, "faulty.table", DataType.Float, [.. new[] { 0, float.NaN, 2 }.SelectMany(BitConverter.GetBytes)], 3);
        Node(model, "Gather", "faulty.value", [EnsembleGraph.Features, "faulty.feature"], axis: 1);
        Node(model, "Greater", "faulty.isAbove", ["faulty.value", "faulty.above"]);
        Node(model, "Where", "faulty.entry", ["faulty.isAbove", "faulty.fault", "faulty.none"]);
        Node(model, "Gather", "faulty.more", ["faulty.table", "faulty.entry"], axis: 0);
        Node(model, "Add", EnsembleGraph.Probability, ["faulty.plain", "faulty.more"]);
        return model.ToByteArray();
    }

    private static void Number(ModelProto model, string name, DataType type, byte[] bytes, params long[] dimensions) =>
        model.Graph.Initializer.Add(
            new TensorProto { Name = name, DataType = (int)type, Dims = { dimensions }, RawData = ByteString.CopyFrom(bytes) });

    private static void Node(ModelProto model, string operation, string output, string[] inputs, int? axis = null)
    {
        // The node that computes the probability may already have this name, and node names must be unique.
        var node = new NodeProto { OpType = operation, Name = $"faulty {output}", Input = { inputs }, Output = { output } };
        if (axis is { } along)
        {
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = along });
        }
        model.Graph.Node.Add(node);
    }
}
