using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Compares all splits of all trees together. The row of a leaf in the path matrix has 1 for each split where the path goes left, -1 where
/// it goes right. Its product with the comparisons (1 for left, 0 for right) equals the leaf's number of left turns exactly for the leaf
/// that the row reaches, and is less for every other. A second product fetches the value of that leaf.
/// </summary>
/// <remarks>
/// Tensor cores may round the factors of a float product to 11 significant bits (TensorFloat-32). Comparisons and paths are 0 and ±1, which
/// rounding does not change. A leaf value has 24 bits, so it is split into three parts of at most 11 bits each, which add up to it exactly.
/// A product in double would need no parts, but most GPUs compute doubles many times slower.
/// </remarks>
internal static class MatrixForm
{
    private const int Parts = 3;
    // Sign, exponent, and the upper 10 of 23 stored bits of a float's significand, which with the implied one are 11.
    private const uint UpperBits = 0xFFFF_E000;

    /// <summary>Writes the trees.</summary>
    /// <returns>Double [rows, 1]: the sum over the trees.</returns>
    public static string Emit(TwinGraph graph, CompiledTrees trees, string entries)
    {
        var matrix = new Matrices(trees);
        int count = trees.Roots, splits = matrix.Splits, leaves = matrix.Leaves;
        // Transposed, so that the gather gives [trees, splits, rows]: the trees become the batch of both products.
        var byEntry = graph.Add("Transpose", [entries], TwinGraph.Wholes("perm", 1, 0));
        var values = graph.Add("Gather", [byEntry, graph.Constant<int>(matrix.Entry, count, splits)], TwinGraph.Whole("axis", 0));
        var goesLeft = graph.Add("LessOrEqual", [values, graph.Constant<float>(matrix.Threshold, count, splits, 1)]);
        var turns = graph.Add("MatMul", [graph.Constant<float>(matrix.Path, count, leaves, splits), graph.Cast(goesLeft, DataType.Float)]);
        var isLeaf = graph.Add("Equal", [turns, graph.Constant<float>(matrix.LeftTurns, count, leaves, 1)]);
        // One leaf per tree and row: each sum has at most one term that is not 0, and so no rounding.
        var parts = graph.Add("MatMul", [graph.Constant<float>(matrix.Value, count, Parts, leaves), graph.Cast(isLeaf, DataType.Float)]);
        var sum = graph.Add(
            "ReduceSum", [graph.Cast(parts, DataType.Double), graph.Constant<long>([0, 1], 2)], TwinGraph.Whole("keepdims", 0));
        return graph.Add("Unsqueeze", [sum, graph.Constant<long>([1], 1)]);
    }

    /// <summary>The matrices of all trees, padded to the size of the largest tree.</summary>
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
            // Padding is never reached: no row makes -1 left turns.
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

        // Trees of this form have few leaves, and so are shallow enough for recursion.
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
                var upper = part == Parts - 1 ? value
                    : BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & UpperBits);
                Value[(((tree * Parts) + part) * Leaves) + leaf] = upper;
                // Exact, because only the upper bits are removed: the three parts add up to the value.
                value -= upper;
            }
        }
    }
}
