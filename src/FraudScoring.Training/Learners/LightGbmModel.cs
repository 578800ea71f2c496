namespace FraudScoring.Training.Learners;

/// <summary>What a split does with a missing value.</summary>
internal enum MissingKind
{
    /// <summary>There was none in training: NaN is taken for 0.</summary>
    None = 0,

    /// <summary>0 and NaN are missing and go the default way.</summary>
    Zero = 1,

    /// <summary>NaN is missing and goes the default way.</summary>
    NaN = 2,
}

/// <summary>A split of a LightGBM tree.</summary>
/// <param name="Feature">Column it looks at.</param>
/// <param name="Threshold">Values up to and including it go left; not used by a categorical split.</param>
/// <param name="Categories">The category codes that go left, ascending; null for a numeric split.</param>
/// <param name="Missing">What is missing.</param>
/// <param name="DefaultLeft">Where what is missing goes.</param>
/// <param name="Left">Index of a split, or the complement of the index of a leaf.</param>
/// <param name="Right">As <paramref name="Left"/>.</param>
/// <param name="Count">Training rows that came here.</param>
internal sealed record LightGbmSplit(
    int Feature,
    double Threshold,
    IReadOnlyList<int>? Categories,
    MissingKind Missing,
    bool DefaultLeft,
    int Left,
    int Right,
    double Count);

/// <summary>A LightGBM tree: its root is split 0, or leaf 0 where there is no split.</summary>
internal sealed record LightGbmTree(IReadOnlyList<LightGbmSplit> Splits, double[] LeafValues, double[] LeafCounts)
{
    /// <summary>Training rows at a child, named as in <see cref="LightGbmSplit.Left"/>.</summary>
    public double Count(int child) => child < 0 ? LeafCounts[~child] : Splits[child].Count;
}

/// <summary>A LightGBM model of one margin per row.</summary>
/// <param name="FeatureNames">One per column.</param>
/// <param name="Sigmoid">The probability is sigmoid(<paramref name="Sigmoid"/> · margin); 1 unless someone asked for another.</param>
/// <param name="Trees">Their leaves add up to the margin.</param>
internal sealed record LightGbmModel(IReadOnlyList<string> FeatureNames, double Sigmoid, IReadOnlyList<LightGbmTree> Trees);
