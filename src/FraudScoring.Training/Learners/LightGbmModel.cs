namespace FraudScoring.Training.Learners;

/// <summary>Which values a split treats as missing.</summary>
internal enum MissingKind
{
    /// <summary>None: there were none in training. NaN is treated as 0.</summary>
    None = 0,

    /// <summary>0 and NaN; they go in the default direction.</summary>
    Zero = 1,

    /// <summary>NaN; it goes in the default direction.</summary>
    NaN = 2,
}

/// <summary>A split of a LightGBM tree.</summary>
/// <param name="Feature">Index of the feature.</param>
/// <param name="Threshold">Values up to and including it go left; not used by a categorical split.</param>
/// <param name="Categories">The category codes that go left, ascending; null for a numeric split.</param>
/// <param name="Missing">Which values are missing.</param>
/// <param name="DefaultLeft">True if missing values go left.</param>
/// <param name="Left">Index of a split, or the complement of the index of a leaf.</param>
/// <param name="Right">As <paramref name="Left"/>.</param>
/// <param name="Count">Number of training rows that reach the split.</param>
internal sealed record LightGbmSplit(
    int Feature,
    double Threshold,
    IReadOnlyList<int>? Categories,
    MissingKind Missing,
    bool DefaultLeft,
    int Left,
    int Right,
    double Count);

/// <summary>A LightGBM tree. Its root is split 0, or leaf 0 if there is no split.</summary>
internal sealed record LightGbmTree(IReadOnlyList<LightGbmSplit> Splits, double[] LeafValues, double[] LeafCounts)
{
    /// <summary>Number of training rows that reach a child, given like <see cref="LightGbmSplit.Left"/>.</summary>
    public double Count(int child) => child < 0 ? LeafCounts[~child] : Splits[child].Count;
}

/// <summary>A LightGBM model with one margin per row.</summary>
/// <param name="FeatureNames">One per column.</param>
/// <param name="Sigmoid">The probability is sigmoid(<paramref name="Sigmoid"/> · margin); 1 by default.</param>
/// <param name="Trees">The trees, whose leaves add up to the margin.</param>
internal sealed record LightGbmModel(IReadOnlyList<string> FeatureNames, double Sigmoid, IReadOnlyList<LightGbmTree> Trees);
