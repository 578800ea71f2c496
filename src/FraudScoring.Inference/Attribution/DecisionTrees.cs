namespace FraudScoring.Inference.Attribution;

/// <summary>
/// An ensemble of binary decision trees whose leaf values add up to a margin. Flat arrays with one entry per node; a leaf has -1 for
/// children. A row goes to the true child of a split if the comparison of its feature with the threshold holds.
/// </summary>
public sealed class DecisionTrees
{
    /// <summary>Largest relative difference between a split's cover and the sum of its children's.</summary>
    private const double CoverTolerance = 1e-3;

    /// <summary>Index of the first node of each tree.</summary>
    public required int[] Roots { get; init; }
    /// <summary>Index of the feature a split reads; 0 for a leaf.</summary>
    public required int[] Feature { get; init; }
    /// <summary>Threshold of a split; 0 for a leaf.</summary>
    public required float[] Threshold { get; init; }
    /// <summary>How a split compares.</summary>
    public required BranchMode[] Mode { get; init; }
    /// <summary>True if a missing value (NaN) goes to the true child.</summary>
    public required bool[] MissingTracksTrue { get; init; }
    /// <summary>The child if the comparison holds; -1 for a leaf.</summary>
    public required int[] TrueChild { get; init; }
    /// <summary>The child otherwise; -1 for a leaf.</summary>
    public required int[] FalseChild { get; init; }
    /// <summary>Value that a leaf adds to the margin; 0 for a split.</summary>
    public required double[] Value { get; init; }
    /// <summary>
    /// Number or weight of the training rows that passed each node; null if the model does not store it. Path-dependent Shapley values need
    /// it: an unknown feature is averaged over the children of its splits by their cover.
    /// </summary>
    public double[]? Cover { get; private init; }
    /// <summary>Constant added to the margin.</summary>
    public double Offset { get; init; }

    /// <summary>Number of nodes of all trees, leaves included.</summary>
    public int NodeCount => Feature.Length;

    /// <summary>Number of columns that a row needs: the largest feature index plus one.</summary>
    public int FeatureCount => Feature.Length == 0 ? 0 : Feature.Max() + 1;

    /// <summary>True for a node without children.</summary>
    public bool IsLeaf(int node) => TrueChild[node] < 0;

    /// <summary>The child of a split to which a value goes. NaN follows <see cref="MissingTracksTrue"/>, whatever the mode.</summary>
    public int Child(int node, float value)
    {
        var threshold = Threshold[node];
        var holds = float.IsNaN(value) ? MissingTracksTrue[node] : Mode[node] switch
        {
            BranchMode.LessOrEqual => value <= threshold,
            BranchMode.Less => value < threshold,
            BranchMode.GreaterOrEqual => value >= threshold,
            BranchMode.Greater => value > threshold,
            BranchMode.Equal => value == threshold,
            _ => value != threshold,
        };
        return holds ? TrueChild[node] : FalseChild[node];
    }

    /// <summary>Computes the margin of one row, [features], with NaN for missing values.</summary>
    public double Margin(ReadOnlySpan<float> row)
    {
        var margin = Offset;
        foreach (var root in Roots)
        {
            var node = root;
            while (!IsLeaf(node))
            {
                node = Child(node, row[Feature[node]]);
            }
            margin += Value[node];
        }
        return margin;
    }

    /// <summary>Returns the same trees with a cover per node, in which every split's must be the sum of its children's.</summary>
    /// <exception cref="ArgumentException">
    /// The length is not <see cref="NodeCount"/>, an entry is negative or not finite, or sums differ.
    /// </exception>
    public DecisionTrees WithCover(ReadOnlySpan<double> cover)
    {
        if (cover.Length != NodeCount)
        {
            throw new ArgumentException($"cover: {cover.Length} entries for {NodeCount} nodes; give one per node.", nameof(cover));
        }
        for (var node = 0; node < cover.Length; node++)
        {
            if (!IsAmount(cover[node]))
            {
                throw new ArgumentException($"cover[{node}]: must be finite and not negative.", nameof(cover));
            }
            if (!IsLeaf(node) && !AddsUp(cover[node], cover[TrueChild[node]] + cover[FalseChild[node]]))
            {
                throw new ArgumentException(
                    $"cover[{node}]: is not the sum of its children's; give the number of rows that passed each node.", nameof(cover));
            }
        }
        return Copy(cover.ToArray());
    }

    /// <summary>Returns the same trees with a cover counted over background rows, [rows × features], row by row.</summary>
    /// <remarks>
    /// Contributions then say how a row differs from the background rows. Use rows like those that the model was trained on.
    /// </remarks>
    /// <exception cref="ArgumentException">There are no rows, or the length is not a multiple of <paramref name="features"/>.</exception>
    public DecisionTrees WithCover(ReadOnlySpan<float> rows, int features)
    {
        if (features < FeatureCount || rows.Length == 0 || rows.Length % features != 0)
        {
            throw new ArgumentException(
                $"rows: {rows.Length} values in rows of {features}; give whole rows, at least one, of at least {FeatureCount} features.",
                nameof(rows));
        }
        var cover = new double[NodeCount];
        for (var start = 0; start < rows.Length; start += features)
        {
            Count(rows.Slice(start, features), cover);
        }
        return Copy(cover);
    }

    /// <summary>True if the numbers are a cover: not negative, and every split's is the sum of its children's.</summary>
    internal bool IsCover(ReadOnlySpan<double> cover)
    {
        for (var node = 0; node < cover.Length; node++)
        {
            if (!IsAmount(cover[node]) || (!IsLeaf(node) && !AddsUp(cover[node], cover[TrueChild[node]] + cover[FalseChild[node]])))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The left share of a cover; one half if no rows passed.</summary>
    internal static double Share(double left, double right) => left + right > 0 ? left / (left + right) : 0.5;

    /// <summary>The mean margin over the cover, which must be known.</summary>
    internal double Expectation() => Offset + Roots.Sum(Expectation);

    private double Expectation(int node)
    {
        if (IsLeaf(node))
        {
            return Value[node];
        }
        var share = Share(Cover![TrueChild[node]], Cover[FalseChild[node]]);
        return (share * Expectation(TrueChild[node])) + ((1 - share) * Expectation(FalseChild[node]));
    }

    private static bool IsAmount(double cover) => cover >= 0 && double.IsFinite(cover);

    private static bool AddsUp(double whole, double parts) => Math.Abs(whole - parts) <= CoverTolerance * Math.Max(whole, parts);

    private void Count(ReadOnlySpan<float> row, double[] cover)
    {
        foreach (var root in Roots)
        {
            var node = root;
            cover[node]++;
            while (!IsLeaf(node))
            {
                node = Child(node, row[Feature[node]]);
                cover[node]++;
            }
        }
    }

    private DecisionTrees Copy(double[] cover) => new()
    {
        Roots = Roots,
        Feature = Feature,
        Threshold = Threshold,
        Mode = Mode,
        MissingTracksTrue = MissingTracksTrue,
        TrueChild = TrueChild,
        FalseChild = FalseChild,
        Value = Value,
        Offset = Offset,
        Cover = cover,
    };
}
