namespace FraudScoring.Inference.Compilation;

/// <summary>Chooses the form of an ensemble by its shape, and writes it.</summary>
internal static class TreeForms
{
    /// <summary>More leaves in one tree make the paths' matrix, and the work with it, grow by the square.</summary>
    private const int MostMatrixLeaves = 64;

    /// <summary>A row's share of memory in the matrix form, in leaves: 4,096 rows of it take about 256 MB.</summary>
    private const int MostMatrixCells = 16_384;

    private const int MostPerfectDepth = 14;

    /// <summary>Filling up may make the tables so much larger than the trees.</summary>
    private const int MostFilling = 4;

    /// <summary>Every level is several operators.</summary>
    public const int MostLevels = 512;

    /// <summary>The form that costs least on a GPU.</summary>
    public static TreeForm Choose(CompiledTrees trees, bool isSum)
    {
        var leaves = LeavesOf(trees);
        var most = leaves.Max();
        if (isSum && trees.Targets == 1 && most <= MostMatrixLeaves && (long)most * trees.Roots <= MostMatrixCells && trees.Weights.All(float.IsFinite))
        {
            return TreeForm.Matrix;
        }
        return trees.Depth <= MostPerfectDepth && (long)trees.Roots << trees.Depth <= (long)MostFilling * trees.Entry.Length
            ? TreeForm.Perfect
            : TreeForm.Pointers;
    }

    /// <summary>Writes the trees.</summary>
    /// <returns>Float [rows, trees], or [rows, trees, targets] where there are several: the leaf each row comes to.</returns>
    public static string EmitLeaves(TwinGraph graph, CompiledTrees trees, string entries, TreeForm form) =>
        form == TreeForm.Perfect ? PerfectForm.Emit(graph, trees, entries) : PointerForm.Emit(graph, trees, entries);

    /// <summary>Leaves of each tree.</summary>
    public static int[] LeavesOf(CompiledTrees trees)
    {
        var tree = TreeOfEach(trees);
        var leaves = new int[trees.Roots];
        for (var node = 0; node < tree.Length; node++)
        {
            leaves[tree[node]] += trees.Left[node] < 0 ? 1 : 0;
        }
        return leaves;
    }

    /// <summary>The tree each node is of.</summary>
    public static int[] TreeOfEach(CompiledTrees trees)
    {
        var tree = new int[trees.Left.Length];
        for (var node = 0; node < tree.Length; node++)
        {
            tree[node] = node < trees.Roots ? node : tree[node];
            if (trees.Left[node] is >= 0 and var left)
            {
                tree[left] = tree[left + 1] = tree[node];
            }
        }
        return tree;
    }

    /// <summary>Values per node as a table: one number each, or a row of targets.</summary>
    internal static string Table(TwinGraph graph, float[] values, int targets) => targets == 1
        ? graph.Constant<float>(values, values.Length)
        : graph.Constant<float>(values, values.Length / targets, targets);
}
