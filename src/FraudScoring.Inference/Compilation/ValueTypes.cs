using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>Element types of a graph's values, inferred node by node in the order of the graph.</summary>
internal sealed class ValueTypes
{
    private readonly Dictionary<string, DataType> _types = [];

    public ValueTypes(GraphProto graph)
    {
        foreach (var input in graph.Input)
        {
            _types[input.Name] = (DataType)(input.Type?.TensorType?.ElemType ?? 0);
        }
        foreach (var constant in graph.Initializer)
        {
            Record(constant);
        }
    }

    /// <summary>The type of a value; undefined if it is unknown or not a tensor.</summary>
    public DataType Find(string value) => _types.GetValueOrDefault(value, DataType.Undefined);

    public void Record(TensorProto constant) => _types[constant.Name] = (DataType)constant.DataType;

    public void Record(NodeProto node)
    {
        foreach (var output in node.Output)
        {
            _types[output] = ResultOf(node);
        }
    }

    private DataType ResultOf(NodeProto node) => node.OpType switch
    {
        "Cast" => (DataType)(node.Attribute.FirstOrDefault(a => a.Name == "to")?.I ?? 0),
        "Constant" or "ConstantOfShape" => ConstantOf(node),
        "Shape" => DataType.Int64,
        "And" or "Equal" or "Greater" or "GreaterOrEqual" or "IsNaN" or "Less" or "LessOrEqual" or "Not" or "Or" or "Xor" => DataType.Bool,
        "Where" when node.Input.Count > 1 => Find(node.Input[1]),
        _ => node.Input.Count > 0 ? Find(node.Input[0]) : DataType.Undefined,
    };

    private static DataType ConstantOf(NodeProto node) => node.Attribute.FirstOrDefault() switch
    {
        { T: { } tensor } => (DataType)tensor.DataType,
        { Name: "value_float" or "value_floats" } => DataType.Float,
        { Name: "value_int" or "value_ints" } => DataType.Int64,
        null when node.OpType == "ConstantOfShape" => DataType.Float,
        _ => DataType.Undefined,
    };
}
