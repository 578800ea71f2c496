using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

/// <summary>
/// How boosted trees are grown. What a fraud weighs is said in <see cref="LossWeights"/>, for all members.
/// </summary>
internal sealed record BoostedTreesParameters
{
    /// <summary>Trees at most, 1 to 5,000.</summary>
    public int Trees { get; init; } = 300;

    /// <summary>Leaves per tree at most, 2 to 4,096.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Splits between root and leaf at most, 1 to 16: it bounds the time of a prediction and of its explanation.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>How much of a tree's correction is applied, above 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Share of the features a tree may use, above 0 to 1.</summary>
    public double FeatureFraction { get; init; } = 0.7;

    /// <summary>Share of the rows a tree sees, above 0 to 1; 1 for all.</summary>
    public double BaggingFraction { get; init; } = 0.8;

    /// <summary>Trees between two draws of rows, 1 to 1,000.</summary>
    public int BaggingEvery { get; init; } = 5;

    /// <summary>Rows in a leaf at least, 1 to 1,000,000.</summary>
    public int RowsInLeaf { get; init; } = 50;

    /// <summary>L2 penalty on leaf values, 0 to 1,000,000.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Bins per feature at most, 2 to 65,535.</summary>
    public int Bins { get; init; } = 255;

    /// <summary>
    /// Categories on the left of a categorical split at most, 1 to 32. ONNX compares numbers only, so each run of neighbouring codes
    /// costs a copy of what lies below.
    /// </summary>
    public int CategoriesInSplit { get; init; } = 1;

    /// <summary>Stop after so many trees without a better validation loss, 1 to 5,000; only used with validation rows.</summary>
    public int Patience { get; init; } = 40;

    /// <summary>Seed of all draws, not negative.</summary>
    public int Seed { get; init; } = 20_260_101;

    /// <summary>Threads, 1 to 256. The model does not depend on it.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Everything outside its range, at once.</summary>
    public IEnumerable<Fault> Faults()
    {
        Fault?[] all =
        [
            Within(nameof(Trees), Trees, 1, 5_000),
            Within(nameof(Leaves), Leaves, 2, 4_096),
            Within(nameof(Depth), Depth, 1, 16),
            Share(nameof(LearningRate), LearningRate),
            Share(nameof(FeatureFraction), FeatureFraction),
            Share(nameof(BaggingFraction), BaggingFraction),
            Within(nameof(BaggingEvery), BaggingEvery, 1, 1_000),
            Within(nameof(RowsInLeaf), RowsInLeaf, 1, 1_000_000),
            Within(nameof(L2), L2, 0, 1_000_000),
            Within(nameof(Bins), Bins, 2, 65_535),
            Within(nameof(CategoriesInSplit), CategoriesInSplit, 1, 32),
            Within(nameof(Patience), Patience, 1, 5_000),
            Within(nameof(Seed), Seed, 0, int.MaxValue),
            Within(nameof(Threads), Threads, 1, 256),
        ];
        return all.OfType<Fault>();
    }

    /// <summary>The parameters in LightGBM's words.</summary>
    /// <exception cref="ArgumentException">With all faults.</exception>
    public string ToText()
    {
        Fault.ThrowIfAny(Faults());
        return string.Create(CultureInfo.InvariantCulture, $"""
            objective=binary metric=binary_logloss boosting=gbdt num_leaves={Leaves} max_depth={Depth} learning_rate={LearningRate:R}
            feature_fraction={FeatureFraction:R} bagging_fraction={BaggingFraction:R}
            bagging_freq={(BaggingFraction < 1 ? BaggingEvery : 0)} min_data_in_leaf={RowsInLeaf} lambda_l2={L2:R} max_bin={Bins}
            max_cat_threshold={CategoriesInSplit} seed={Seed} deterministic=true force_row_wise=true
            num_threads={Threads} verbosity=-1
            """).ReplaceLineEndings(" ");
    }

    private static Fault? Within(string name, double value, double low, double high) => ParameterRange.Within($"trees.{name}", value, low, high);

    private static Fault? Share(string name, double value) => ParameterRange.Share($"trees.{name}", value);
}
