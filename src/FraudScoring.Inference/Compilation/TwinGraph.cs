using System.Globalization;
using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using Google.Protobuf;
using AttributeType = FraudScoring.Onnx.AttributeProto.Types.AttributeType;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>Writes a graph node by node, and checks that each node has a CUDA kernel.</summary>
internal sealed class TwinGraph
{
    private readonly GraphProto _graph;
    private readonly Faults _faults;
    private readonly HashSet<string> _names;
    private string _prefix = "";
    private int _next;

    /// <summary>Removes the nodes of a graph, to write others to it. Its inputs and constants stay.</summary>
    public TwinGraph(GraphProto graph, long opset, Faults faults)
    {
        (_graph, Opset, _faults) = (graph, opset, faults);
        Types = new ValueTypes(graph);
        _names = [.. graph.Input.Select(i => i.Name), .. graph.Initializer.Select(i => i.Name), .. graph.Node.SelectMany(n => n.Output)];
        graph.Node.Clear();
    }

    /// <summary>Operator version of the default domain.</summary>
    public long Opset { get; }

    /// <summary>Types of all values written so far.</summary>
    public ValueTypes Types { get; }

    /// <summary>Sets the prefix of the names of the values that follow.</summary>
    public void Begin(string prefix) => (_prefix, _next) = (prefix, 0);

    public void Add(NodeProto node)
    {
        Types.Record(node);
        CudaKernels.Check(node, Opset, Types, _faults);
        _graph.Node.Add(node);
    }

    /// <summary>Adds a node with one output.</summary>
    /// <returns>The output's name.</returns>
    public string Add(string operation, string[] inputs, params AttributeProto[] attributes) =>
        AddTo(NameFor(operation), operation, inputs, attributes);

    /// <summary>Adds a node with one output of a given name.</summary>
    public string AddTo(string output, string operation, string[] inputs, params AttributeProto[] attributes)
    {
        Add(new NodeProto { OpType = operation, Name = output, Input = { inputs }, Output = { output }, Attribute = { attributes } });
        return output;
    }

    /// <summary>Converts a value to another type. The output's name is optional.</summary>
    public string Cast(string value, DataType type, string? output = null) =>
        AddTo(output ?? NameFor("Cast"), "Cast", [value], Whole("to", (long)type));

    /// <summary>Adds a constant. A scalar has no dimensions.</summary>
    public string Constant<T>(ReadOnlySpan<T> values, params long[] dimensions)
        where T : unmanaged
    {
        var tensor = new TensorProto
        {
            Name = NameFor("constant"),
            DataType = (int)TypeOf<T>(),
            Dims = { dimensions },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        _graph.Initializer.Add(tensor);
        Types.Record(tensor);
        return tensor.Name;
    }

    public string Scalar<T>(T value)
        where T : unmanaged => Constant<T>([value]);

    public static AttributeProto Whole(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Wholes(string name, params long[] values) =>
        new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    private static DataType TypeOf<T>() => default(T) switch
    {
        float => DataType.Float,
        double => DataType.Double,
        int => DataType.Int32,
        long => DataType.Int64,
        _ => throw new NotSupportedException(typeof(T).Name),
    };

    private string NameFor(string operation)
    {
        string name;
        do
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}/{_next++}.{operation}");
        }
        while (!_names.Add(name));
        return name;
    }
}
