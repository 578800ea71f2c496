namespace FraudScoring.Inference.Attribution;

/// <summary>
/// An ensemble of binary decision trees whose leaf values add up to a margin: flat arrays, one entry per node, a leaf's children
/// being -1. A row goes to the true child where its feature compares true with the threshold.
/// </summary>
public sealed class DecisionTrees
{
    /// <summary>The largest relative gap between a split's cover and its children's that still counts as one set of rows.</summary>
    private const double CoverTolerance = 1e-3;

    /// <summary>Index of the first node of each tree.</summary>
    public required int[] Roots { get; init; }
    /// <summary>Index of the feature a split reads; 0 for a leaf.</summary>
    public required int[] Feature { get; init; }
    /// <summary>What the feature is compared with; 0 for a leaf.</summary>
    public required float[] Threshold { get; init; }
    /// <summary>How it is compared.</summary>
    public required BranchMode[] Mode { get; init; }
    /// <summary>Where a missing value (NaN) goes: the true child if set.</summary>
    public required bool[] MissingTracksTrue { get; init; }
    /// <summary>Node to go to where the comparison holds; -1 for a leaf.</summary>
    public required int[] TrueChild { get; init; }
    /// <summary>Node to go to otherwise; -1 for a leaf.</summary>
    public required int[] FalseChild { get; init; }
    /// <summary>What a leaf adds to the margin; 0 for a split.</summary>
    public required double[] Value { get; init; }
    /// <summary>
    /// Training rows (or their weight) that came through each node; null where the model does not say. It is what "the feature is
    /// unknown" means to path-dependent Shapley values.
    /// </summary>
    public double[]? Cover { get; private init; }
    /// <summary>A constant of the margin besides the leaves.</summary>
    public double Offset { get; init; }

    /// <summary>Nodes of all trees, leaves included.</summary>
    public int NodeCount => Feature.Length;

    /// <summary>How many columns a row needs: one more than the largest feature index read.</summary>
    public int FeatureCount => Feature.Length == 0 ? 0 : Feature.Max() + 1;

    /// <summary>True for a node without children.</summary>
    public bool IsLeaf(int node) => TrueChild[node] < 0;

    /// <summary>The child of a split that a value goes to. NaN follows <see cref="MissingTracksTrue"/>, whatever the mode.</summary>
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

    /// <summary>The margin of one row, [features], NaN where missing.</summary>
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

    /// <summary>The same trees with the given cover per node, kept only if every split's cover is the sum of its children's.</summary>
    /// <exception cref="ArgumentException">Another length than <see cref="NodeCount"/>, or a negative or non-finite entry.</exception>
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
                    $"cover[{node}]: is not the sum of its children's; give the rows that came through each node.", nameof(cover));
            }
        }
        return Copy(cover.ToArray());
    }

    /// <summary>The same trees with the cover of background rows, [rows × features] row by row, each counted where it passes.</summary>
    /// <remarks>The contributions then say how a row differs from these rows: take rows as the model was trained on.</remarks>
    /// <exception cref="ArgumentException">No rows, or a length that is no multiple of <paramref name="features"/>.</exception>
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

    /// <summary>True where the numbers are a cover: every split's is the sum of its children's.</summary>
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

    /// <summary>The left part of a cover; a half where nothing came through.</summary>
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
