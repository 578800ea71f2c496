using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Writes a LabelEncoder from whole numbers to numbers as a table look-up. Isolation forests converted from scikit-learn consist of these.
/// </summary>
internal static class LabelTable
{
    private const long MostEntries = 1 << 20;

    /// <summary>True for the nodes that this class compiles.</summary>
    public static bool Compiles(NodeProto node) => node is { Domain: "ai.onnx.ml", OpType: "LabelEncoder" };

    /// <summary>Compiles a node.</summary>
    /// <param name="graph">The graph to write to.</param>
    /// <param name="node">The node.</param>
    /// <param name="faults">Receives why the node cannot be compiled.</param>
    public static void Compile(TwinGraph graph, NodeProto node, Faults faults)
    {
        var attributes = new NodeAttributes(node, faults);
        var keys = attributes.Integers("keys_int64s");
        var (floats, wholes) = (attributes.Floats("values_floats"), attributes.Integers("values_int64s"));
        if (keys.Length == 0 || (floats.Length != keys.Length && wholes.Length != keys.Length) || keys.Max() - keys.Min() >= MostEntries)
        {
            attributes.Report(
                "keys_int64s", $"cannot be compiled: keys must be whole numbers less than {MostEntries} apart, and values numbers.");
            return;
        }
        if (graph.Types.Find(node.Input[0]) != DataType.Int64)
        {
            attributes.Report("X", "cannot be compiled: the input must be int64.");
            return;
        }
        graph.Begin(node.Output[0]);
        var first = keys.Min();
        // The first and last entry of the table stand for all keys outside of it.
        var index = graph.Add("Clip",
            [graph.Add("Sub", [node.Input[0], graph.Scalar(first - 1)]), graph.Scalar(0L), graph.Scalar(keys.Max() - first + 2)]);
        var table = wholes.Length > 0
            ? Table(graph, keys, wholes, attributes.Integer("default_int64", -1))
            : Table(graph, keys, floats, node.Attribute.FirstOrDefault(a => a.Name == "default_float")?.F ?? -0f);
        graph.AddTo(node.Output[0], "Gather", [table, index]);
    }

    private static string Table<T>(TwinGraph graph, long[] keys, T[] values, T other)
        where T : unmanaged
    {
        var first = keys.Min();
        var table = new T[keys.Max() - first + 3];
        Array.Fill(table, other);
        // The first of several equal keys counts.
        foreach (var (index, key) in keys.Index().Reverse())
        {
            table[key - first + 1] = values[index];
        }
        return graph.Constant<T>(table, table.Length);
    }
}
