using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Replaces outputs that are a sequence of maps from class to score (ZipMap), which cannot be on a GPU. The tensor from which the maps are
/// built takes the output's name: float [rows, classes], with the classes in the order of ZipMap's labels.
/// </summary>
public static class MapOutputs
{
    /// <summary>Removes every ZipMap from a graph.</summary>
    public static void Unwrap(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        foreach (var map in graph.Node.Where(node => node is { Domain: "ai.onnx.ml", OpType: "ZipMap" }).ToList())
        {
            var at = graph.Node.IndexOf(map);
            graph.Node[at] = new NodeProto
            {
                OpType = "Identity", Name = map.Output[0], Input = { map.Input[0] }, Output = { map.Output[0] },
            };
            if (graph.Output.FirstOrDefault(output => output.Name == map.Output[0]) is not { } output)
            {
                continue;
            }
            var classes = map.Attribute.Max(attribute => Math.Max(attribute.Ints.Count, attribute.Strings.Count));
            var shape = new TensorShapeProto();
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "rows" });
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = classes });
            output.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } };
        }
    }
}
