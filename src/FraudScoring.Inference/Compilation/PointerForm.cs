namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Walks all trees one level at a time. The position of a row in a tree is the number of a node, and tables hold what the node compares and
/// where its left child is. A leaf is its own child, so that rows stay there while deeper ones go on.
/// </summary>
internal static class PointerForm
{
    /// <summary>Writes the trees.</summary>
    /// <returns>Float [rows, trees] or [rows, trees, targets].</returns>
    public static string Emit(TwinGraph graph, CompiledTrees trees, string entries)
    {
        var nodes = trees.Entry.Length;
        int[] entry = [.. trees.Entry.Select((e, node) => trees.Left[node] < 0 ? trees.Entries.NeverMissing : e)];
        float[] threshold = [.. trees.Threshold.Select((t, node) => trees.Left[node] < 0 ? float.PositiveInfinity : t)];
        int[] left = [.. trees.Left.Select((l, node) => l < 0 ? node : l)];
        var (entryTable, thresholdTable) = (graph.Constant<int>(entry, nodes), graph.Constant<float>(threshold, nodes));
        var leftTable = graph.Constant<int>(left, nodes);
        var (zero, one) = (graph.Scalar(0), graph.Scalar(1));
        // All rows start at the roots, so the first level needs no look-ups.
        var roots = trees.Roots;
        var values = graph.Add("Gather", [entries, graph.Constant<int>(entry.AsSpan(0, roots), roots)], TwinGraph.Whole("axis", 1));
        var goesLeft = graph.Add("LessOrEqual", [values, graph.Constant<float>(threshold.AsSpan(0, roots), roots)]);
        var place = graph.Add("Add", [graph.Constant<int>(left.AsSpan(0, roots), roots), graph.Add("Where", [goesLeft, zero, one])]);
        for (var level = 1; level < trees.Depth; level++)
        {
            var columns = graph.Add("Gather", [entryTable, place]);
            values = graph.Add("GatherElements", [entries, columns], TwinGraph.Whole("axis", 1));
            goesLeft = graph.Add("LessOrEqual", [values, graph.Add("Gather", [thresholdTable, place])]);
            place = graph.Add("Add", [graph.Add("Gather", [leftTable, place]), graph.Add("Where", [goesLeft, zero, one])]);
        }
        return graph.Add("Gather", [TreeForms.Table(graph, trees.Weights, trees.Targets), place]);
    }
}
