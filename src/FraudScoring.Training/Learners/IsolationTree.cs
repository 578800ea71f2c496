namespace FraudScoring.Training.Learners;

/// <summary>A split of an isolation tree.</summary>
/// <param name="Feature">Index of the feature.</param>
/// <param name="Threshold">Values up to and including it go left.</param>
/// <param name="MissingLeft">True if a missing value goes left: it goes with the majority of the present ones.</param>
/// <param name="Left">Index of a split, or the complement of the index of a leaf.</param>
/// <param name="Right">As <paramref name="Left"/>.</param>
/// <param name="Count">Number of rows of the subsample that reach the split.</param>
internal readonly record struct IsolationSplit(int Feature, float Threshold, bool MissingLeft, int Left, int Right, int Count);

/// <summary>An isolation tree. Its root is split 0, or leaf 0 if there is no split.</summary>
/// <param name="Splits">The splits, parents before children.</param>
/// <param name="LeafValues">Minus the path length, divided by the number of trees.</param>
/// <param name="LeafCounts">Number of rows of the subsample per leaf.</param>
internal sealed record IsolationTree(IsolationSplit[] Splits, double[] LeafValues, double[] LeafCounts)
{
    /// <summary>The value of the leaf that a row reaches.</summary>
    public double Leaf(ReadOnlySpan<float> row)
    {
        var at = Splits.Length > 0 ? 0 : ~0;
        while (at >= 0)
        {
            ref readonly var split = ref Splits[at];
            var value = row[split.Feature];
            at = (float.IsNaN(value) ? split.MissingLeft : value <= split.Threshold) ? split.Left : split.Right;
        }
        return LeafValues[~at];
    }

    /// <summary>The tree as a LightGBM tree.</summary>
    public LightGbmTree ToTree() => new(
        [.. Splits.Select(s => new LightGbmSplit(s.Feature, s.Threshold, null, MissingKind.NaN, s.MissingLeft, s.Left, s.Right, s.Count))],
        LeafValues, LeafCounts);
}
