using FraudScoring.Inference.Attribution;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Trees in a normal form for the twin: every split is "entry ≤ threshold goes left" over <see cref="SplitEntries"/>, and nodes are in
/// breadth-first order, so that the right child of a split follows its left child.
/// </summary>
internal sealed class CompiledTrees
{
    private readonly DecisionTrees _trees;

    public CompiledTrees(DecisionTrees trees, float[] weights, int targets)
    {
        (_trees, Targets) = (trees, targets);
        var inputs = new SplitInputs(Math.Max(1, trees.FeatureCount));
        Order = new int[trees.NodeCount];
        (Left, Level) = (new int[trees.NodeCount], new int[trees.NodeCount]);
        Array.Fill(Left, -1);
        trees.Roots.CopyTo(Order, 0);
        var count = Roots;
        for (var i = 0; i < count; i++)
        {
            count = Place(i, count, inputs);
        }
        Weights = new float[trees.NodeCount * targets];
        for (var i = 0; i < Order.Length; i++)
        {
            weights.AsSpan(Order[i] * targets, targets).CopyTo(Weights.AsSpan(i * targets));
        }
        Entries = new SplitEntries(inputs, [.. _places.Select(place => place.Input)]);
        (Entry, Threshold) = (new int[Order.Length], new float[Order.Length]);
        foreach (var (node, input, threshold) in _places)
        {
            (Entry[node], Threshold[node]) = (Entries.IndexOf(input), threshold);
        }
    }

    private readonly List<(int Node, int Input, float Threshold)> _places = [];

    /// <summary>The columns that splits compare.</summary>
    public SplitEntries Entries { get; }

    /// <summary>Number of trees. Their roots are the first nodes.</summary>
    public int Roots => _trees.Roots.Length;

    /// <summary>Values per leaf.</summary>
    public int Targets { get; }

    /// <summary>Per node: the entry that a split reads; 0 for a leaf.</summary>
    public int[] Entry { get; }

    /// <summary>Per node: the largest value that goes left; 0 for a leaf.</summary>
    public float[] Threshold { get; }

    /// <summary>Per node: the left child, which the right one follows; -1 for a leaf.</summary>
    public int[] Left { get; }

    /// <summary>Per node: the number of splits above it.</summary>
    public int[] Level { get; }

    /// <summary>[nodes × targets], 0 for splits.</summary>
    public float[] Weights { get; }

    /// <summary>Number of splits above the deepest leaf.</summary>
    public int Depth => Level.Max();

    private int[] Order { get; }

    /// <summary>Appends the children of a split, left first.</summary>
    private int Place(int node, int count, SplitInputs inputs)
    {
        var source = Order[node];
        if (_trees.IsLeaf(source))
        {
            return count;
        }
        var (input, threshold, leftIsTrue) = inputs.Compile(_trees, source);
        _places.Add((node, input, threshold));
        Left[node] = count;
        (Order[count], Order[count + 1]) = leftIsTrue
            ? (_trees.TrueChild[source], _trees.FalseChild[source])
            : (_trees.FalseChild[source], _trees.TrueChild[source]);
        Level[count] = Level[count + 1] = Level[node] + 1;
        return count + 2;
    }
}
