using FraudScoring.Onnx;
using Google.Protobuf;
using AttributeType = FraudScoring.Onnx.AttributeProto.Types.AttributeType;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Training.Export;

/// <summary>Factories for the nodes, attributes and tensors of ONNX graphs.</summary>
internal static class OnnxNodes
{
    /// <summary>Operator domain of classical machine learning.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    public static NodeProto Node(
        string operation, string name, IEnumerable<string> inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = name };
        if (operation.StartsWith("TreeEnsemble", StringComparison.Ordinal))
        {
            node.Domain = MachineLearning;
        }
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static AttributeProto Whole(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Wholes(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Numbers(string name, IEnumerable<float> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Floats };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Texts(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    /// <summary>A float32 initializer. Without dimensions it is a scalar.</summary>
    public static TensorProto Constant(string name, IEnumerable<float> values, params long[] dimensions)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.AddRange(dimensions);
        tensor.FloatData.AddRange(values);
        return tensor;
    }

    /// <summary>An input or output of type float32 [rows, columns].</summary>
    public static ValueInfoProto Rows(string name, long columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "rows" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } },
        };
    }

    /// <summary>A model with IR version 8, opset 17 and ai.onnx.ml 3.</summary>
    public static ModelProto Model(GraphProto graph) => new()
    {
        IrVersion = 8,
        ProducerName = "FraudScoring",
        Graph = graph,
        OpsetImport =
        {
            new OperatorSetIdProto { Domain = "", Version = 17 },
            new OperatorSetIdProto { Domain = MachineLearning, Version = 3 },
        },
    };
}
