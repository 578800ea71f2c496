namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Walks all trees, padded to the same depth, one level at a time. The nodes of a level are numbered position by position, and tree by tree
/// within each position. From node q of tree t, among T trees, the row goes to 2q - t on the left and 2q - t + T on the right. So children
/// are computed, not looked up.
/// </summary>
internal static class PerfectForm
{
    /// <summary>Writes the trees.</summary>
    /// <returns>Float [rows, trees] or [rows, trees, targets].</returns>
    public static string Emit(TwinGraph graph, CompiledTrees trees, string entries)
    {
        var count = trees.Roots;
        int[] minus = [.. Enumerable.Range(0, count).Select(tree => -tree)];
        var toLeft = graph.Constant<int>(minus, count);
        var toRight = graph.Constant<int>(Array.ConvertAll(minus, step => step + count), count);
        int[] nodes = [.. Enumerable.Range(0, count)];
        // At least one level: a tree that is one leaf then chooses between two copies of it.
        var depth = Math.Max(1, trees.Depth);
        string? place = null;
        for (var level = 0; level < depth; level++)
        {
            // Leaves compare, too: column 0 with 0. Both ways lead to the same leaf, so neither NaN nor a tie matters there.
            var columns = graph.Constant<int>(Array.ConvertAll(nodes, node => trees.Entry[node]), nodes.Length);
            var thresholds = graph.Constant<float>(Array.ConvertAll(nodes, node => trees.Threshold[node]), nodes.Length);
            var values = place is null
                ? graph.Add("Gather", [entries, columns], TwinGraph.Whole("axis", 1))
                : graph.Add("GatherElements", [entries, graph.Add("Gather", [columns, place])], TwinGraph.Whole("axis", 1));
            var goesLeft = graph.Add("LessOrEqual", [values, place is null ? thresholds : graph.Add("Gather", [thresholds, place])]);
            var step = graph.Add("Where", [goesLeft, toLeft, toRight]);
            // On the first level, q equals t.
            var twice = place is null
                ? graph.Constant<int>(Array.ConvertAll(minus, tree => -2 * tree), count)
                : graph.Add("Add", [place, place]);
            place = graph.Add("Add", [twice, step]);
            nodes = Below(trees, nodes, count);
        }
        var weights = new float[nodes.Length * trees.Targets];
        for (var i = 0; i < nodes.Length; i++)
        {
            trees.Weights.AsSpan(nodes[i] * trees.Targets, trees.Targets).CopyTo(weights.AsSpan(i * trees.Targets));
        }
        return graph.Add("Gather", [TreeForms.Table(graph, weights, trees.Targets), place!]);
    }

    /// <summary>The nodes of the next level. Below a leaf, both children are the leaf again.</summary>
    private static int[] Below(CompiledTrees trees, int[] nodes, int count)
    {
        var below = new int[2 * nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var (position, tree) = Math.DivRem(i, count);
            var left = (2 * position * count) + tree;
            var child = trees.Left[nodes[i]];
            below[left] = child < 0 ? nodes[i] : child;
            below[left + count] = child < 0 ? nodes[i] : child + 1;
        }
        return below;
    }
}
