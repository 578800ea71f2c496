using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// All splits of all trees are compared at once. A leaf's row in the paths' matrix is 1 where the path goes left, -1 where it goes right:
/// the product with the comparisons is the number of left turns for the one leaf all whose turns are taken, and less for every other.
/// Its value is fetched by another product.
/// </summary>
/// <remarks>
/// Tensor cores may round the factors of a product to 11 bits. Here that changes nothing: comparisons and paths are 0 and ±1, and leaf
/// values are given in three parts of at most 11 bits each.
/// </remarks>
internal static class MatrixForm
{
    private const int Parts = 3;
    private const uint UpperBits = 0xFFFF_E000;

    /// <summary>Writes the trees.</summary>
    /// <returns>Double [rows, 1]: the sum over the trees.</returns>
    public static string Emit(TwinGraph graph, CompiledTrees trees, string entries)
    {
        var matrix = new Matrices(trees);
        int count = trees.Roots, splits = matrix.Splits, leaves = matrix.Leaves;
        var byEntry = graph.Add("Transpose", [entries], TwinGraph.Wholes("perm", 1, 0));
        var values = graph.Add("Gather", [byEntry, graph.Constant<int>(matrix.Entry, count, splits)], TwinGraph.Whole("axis", 0));
        var goesLeft = graph.Add("LessOrEqual", [values, graph.Constant<float>(matrix.Threshold, count, splits, 1)]);
        var turns = graph.Add("MatMul", [graph.Constant<float>(matrix.Path, count, leaves, splits), graph.Cast(goesLeft, DataType.Float)]);
        var isLeaf = graph.Add("Equal", [turns, graph.Constant<float>(matrix.LeftTurns, count, leaves, 1)]);
        var parts = graph.Add("MatMul", [graph.Constant<float>(matrix.Value, count, Parts, leaves), graph.Cast(isLeaf, DataType.Float)]);
        var sum = graph.Add("ReduceSum", [graph.Cast(parts, DataType.Double), graph.Constant<long>([0, 1], 2)], TwinGraph.Whole("keepdims", 0));
        return graph.Add("Unsqueeze", [sum, graph.Constant<long>([1], 1)]);
    }

    /// <summary>The matrices of all trees, each filled up to the size of the largest.</summary>
    private sealed class Matrices
    {
        private readonly CompiledTrees _trees;
        private int _split;
        private int _leaf;

        public Matrices(CompiledTrees trees)
        {
            _trees = trees;
            Leaves = TreeForms.LeavesOf(trees).Max();
            Splits = Math.Max(1, Leaves - 1);
            (Entry, Threshold) = (new int[trees.Roots * Splits], new float[trees.Roots * Splits]);
            Path = new float[trees.Roots * Leaves * Splits];
            LeftTurns = new float[trees.Roots * Leaves];
            Value = new float[trees.Roots * Parts * Leaves];
            // What is filled up is no leaf: no row makes -1 left turns.
            Array.Fill(LeftTurns, -1);
            for (var tree = 0; tree < trees.Roots; tree++)
            {
                (_split, _leaf) = (0, 0);
                Add(tree, tree, []);
            }
        }

        public int Splits { get; }

        public int Leaves { get; }

        public int[] Entry { get; }

        public float[] Threshold { get; }

        public float[] Path { get; }

        public float[] LeftTurns { get; }

        public float[] Value { get; }

        // The trees of this form are shallow enough to be walked by calls.
        private void Add(int tree, int node, (int Split, float Turn)[] path)
        {
            if (_trees.Left[node] < 0)
            {
                AddLeaf(tree, _trees.Weights[node], path);
                return;
            }
            var split = _split++;
            Entry[(tree * Splits) + split] = _trees.Entry[node];
            Threshold[(tree * Splits) + split] = _trees.Threshold[node];
            Add(tree, _trees.Left[node], [.. path, (split, 1)]);
            Add(tree, _trees.Left[node] + 1, [.. path, (split, -1)]);
        }

        private void AddLeaf(int tree, float value, (int Split, float Turn)[] path)
        {
            var leaf = _leaf++;
            foreach (var (split, turn) in path)
            {
                Path[(((tree * Leaves) + leaf) * Splits) + split] = turn;
            }
            LeftTurns[(tree * Leaves) + leaf] = path.Count(step => step.Turn > 0);
            for (var part = 0; part < Parts; part++)
            {
                var upper = part == Parts - 1 ? value : BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & UpperBits);
                Value[(((tree * Parts) + part) * Leaves) + leaf] = upper;
                value -= upper;
            }
        }
    }
}
