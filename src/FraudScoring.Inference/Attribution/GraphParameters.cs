using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>Reads the parameters in an ensemble's graph by the names of <see cref="EnsembleGraph"/>.</summary>
/// <param name="graph">The graph.</param>
/// <param name="faults">Receives every fault.</param>
internal sealed class GraphParameters(GraphProto graph, Faults faults)
{
    private static readonly string[] Known = [.. EnsembleGraph.TreeMembers, EnsembleGraph.Linear];

    private readonly Dictionary<string, TensorProto> _initializers = graph.Initializer.DistinctBy(t => t.Name).ToDictionary(t => t.Name);
    private readonly Dictionary<string, NodeProto> _producers =
        graph.Node.SelectMany(node => node.Output.Select(output => (Output: output, Node: node)))
            .DistinctBy(pair => pair.Output).ToDictionary(pair => pair.Output, pair => pair.Node);

    /// <summary>Reads an initializer of <paramref name="length"/> floats. Zeros, and a fault, if there is none.</summary>
    public float[] Floats(string name, int length)
    {
        if (!_initializers.TryGetValue(name, out var tensor))
        {
            faults.Add(name, "the initializer is missing.");
            return new float[length];
        }
        var values = tensor.RawData.Length > 0 ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
        if (tensor.DataType != (int)TensorProto.Types.DataType.Float || values.Length != length)
        {
            faults.Add(name, $"holds {values.Length} values of type {tensor.DataType}; {length} floats (type 1) are required.");
            return new float[length];
        }
        return values;
    }

    /// <summary>
    /// The members in the order of the stacker's weights: the inputs of the Concat node behind <see cref="EnsembleGraph.MemberMargins"/>,
    /// each identified by what it is computed from. A single member needs no Concat.
    /// </summary>
    public List<string> Members()
    {
        if (!_producers.TryGetValue(EnsembleGraph.MemberMargins, out var node))
        {
            faults.Add(EnsembleGraph.MemberMargins, "no node produces this output.");
            return [];
        }
        while (node.OpType == "Identity" && _producers.TryGetValue(node.Input[0], out var source))
        {
            node = source;
        }
        var joined = node.OpType == "Concat" ? [.. node.Input] : new List<string> { node.Output[0] };
        return [.. joined.Select(Member)];
    }

    /// <summary>Number of columns of a row: from the graph's input, otherwise from what the members read.</summary>
    public int Features(IEnumerable<DecisionTrees> trees)
    {
        var dimensions = graph.Input.FirstOrDefault(input => input.Name == EnsembleGraph.Features)?.Type?.TensorType?.Shape?.Dim;
        if (dimensions is { Count: 2 } && dimensions[1].DimValue > 0)
        {
            return (int)dimensions[1].DimValue;
        }
        return _initializers.TryGetValue(EnsembleGraph.LinearMean, out var mean) && mean.Dims.Count > 0
            ? (int)mean.Dims[0]
            : trees.Select(member => member.FeatureCount).DefaultIfEmpty().Max();
    }

    private string Member(string output)
    {
        var found = new HashSet<string>();
        var seen = new HashSet<string>();
        var pending = new Stack<string>([output]);
        while (pending.TryPop(out var name))
        {
            if (name == EnsembleGraph.LinearWeights)
            {
                found.Add(EnsembleGraph.Linear);
            }
            if (!seen.Add(name) || !_producers.TryGetValue(name, out var node))
            {
                continue;
            }
            if (node.OpType.StartsWith("TreeEnsemble", StringComparison.Ordinal))
            {
                found.Add(node.Name);
            }
            foreach (var input in node.Input)
            {
                pending.Push(input);
            }
        }
        if (found.Count == 1 && Known.Contains(found.First()))
        {
            return found.First();
        }
        faults.Add(output, $"is not computed from exactly one of the members that can be explained: {string.Join(", ", Known)}.");
        return output;
    }
}
