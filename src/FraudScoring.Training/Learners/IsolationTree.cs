namespace FraudScoring.Training.Learners;

/// <summary>A split of an isolation tree.</summary>
/// <param name="Feature">Column it looks at.</param>
/// <param name="Threshold">Values up to and including it go left.</param>
/// <param name="MissingLeft">Where a missing value goes: with most of the known ones.</param>
/// <param name="Left">Index of a split, or the complement of the index of a leaf.</param>
/// <param name="Right">As <paramref name="Left"/>.</param>
/// <param name="Count">Rows of the subsample that came here.</param>
internal readonly record struct IsolationSplit(int Feature, float Threshold, bool MissingLeft, int Left, int Right, int Count);

/// <summary>An isolation tree: its root is split 0, or leaf 0 where there is no split.</summary>
/// <param name="Splits">Each before those below it.</param>
/// <param name="LeafValues">Minus the path length, over the number of trees.</param>
/// <param name="LeafCounts">Rows of the subsample per leaf.</param>
internal sealed record IsolationTree(IsolationSplit[] Splits, double[] LeafValues, double[] LeafCounts)
{
    /// <summary>The value of the leaf a row comes to.</summary>
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

    /// <summary>The tree in LightGBM's form.</summary>
    public LightGbmTree ToTree() => new(
        [.. Splits.Select(s => new LightGbmSplit(s.Feature, s.Threshold, null, MissingKind.NaN, s.MissingLeft, s.Left, s.Right, s.Count))],
        LeafValues, LeafCounts);
}
