namespace FraudScoring.Inference.Compilation;

/// <summary>Chooses and writes the form of a tree ensemble by its shape.</summary>
internal static class TreeForms
{
    /// <summary>The path matrix, and the work with it, grow with the square of the leaves of a tree.</summary>
    private const int MostMatrixLeaves = 64;

    /// <summary>Memory per row in the matrix form, in leaves: at this limit 4,096 rows take about 256 MB.</summary>
    private const int MostMatrixCells = 16_384;

    private const int MostPerfectDepth = 14;

    /// <summary>Padding may make the tables larger than the trees by this factor.</summary>
    private const int MostFilling = 4;

    /// <summary>A limit of the graph's size: every level is several operators.</summary>
    public const int MostLevels = 512;

    /// <summary>The form of least cost on a GPU.</summary>
    public static TreeForm Choose(CompiledTrees trees, bool isSum)
    {
        var leaves = LeavesOf(trees);
        var most = leaves.Max();
        // Only finite weights: the product multiplies every other leaf by 0, which would turn an infinite one into NaN.
        if (isSum && trees.Targets == 1 && most <= MostMatrixLeaves && (long)most * trees.Roots <= MostMatrixCells
            && trees.Weights.All(float.IsFinite))
        {
            return TreeForm.Matrix;
        }
        return trees.Depth <= MostPerfectDepth && (long)trees.Roots << trees.Depth <= (long)MostFilling * trees.Entry.Length
            ? TreeForm.Perfect
            : TreeForm.Pointers;
    }

    /// <summary>Writes the trees.</summary>
    /// <returns>
    /// The weights of the leaves that each row reaches: float [rows, trees], or [rows, trees, targets] for several targets.
    /// </returns>
    public static string EmitLeaves(TwinGraph graph, CompiledTrees trees, string entries, TreeForm form) =>
        form == TreeForm.Perfect ? PerfectForm.Emit(graph, trees, entries) : PointerForm.Emit(graph, trees, entries);

    /// <summary>Number of leaves per tree.</summary>
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

    /// <summary>The tree of each node.</summary>
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

    /// <summary>Writes a table of one value per node, or one row of targets per node.</summary>
    internal static string Table(TwinGraph graph, float[] values, int targets) => targets == 1
        ? graph.Constant<float>(values, values.Length)
        : graph.Constant<float>(values, values.Length / targets, targets);
}
