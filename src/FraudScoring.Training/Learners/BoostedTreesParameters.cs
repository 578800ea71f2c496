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

    public void Check(Faults faults)
    {
        Within(nameof(Trees), Trees, 1, 5_000, faults);
        Within(nameof(Leaves), Leaves, 2, 4_096, faults);
        Within(nameof(Depth), Depth, 1, 16, faults);
        Share(nameof(LearningRate), LearningRate, faults);
        Share(nameof(FeatureFraction), FeatureFraction, faults);
        Share(nameof(BaggingFraction), BaggingFraction, faults);
        Within(nameof(BaggingEvery), BaggingEvery, 1, 1_000, faults);
        Within(nameof(RowsInLeaf), RowsInLeaf, 1, 1_000_000, faults);
        Within(nameof(L2), L2, 0, 1_000_000, faults);
        Within(nameof(Bins), Bins, 2, 65_535, faults);
        Within(nameof(CategoriesInSplit), CategoriesInSplit, 1, 32, faults);
        Within(nameof(Patience), Patience, 1, 5_000, faults);
        Within(nameof(Seed), Seed, 0, int.MaxValue, faults);
        Within(nameof(Threads), Threads, 1, 256, faults);
    }

    /// <summary>The parameters in LightGBM's words.</summary>
    /// <exception cref="ArgumentException">With all faults.</exception>
    public string ToText()
    {
        var faults = new Faults();
        Check(faults);
        faults.ThrowIfAny();
        return string.Create(CultureInfo.InvariantCulture, $"""
            objective=binary metric=binary_logloss boosting=gbdt num_leaves={Leaves} max_depth={Depth} learning_rate={LearningRate:R}
            feature_fraction={FeatureFraction:R} bagging_fraction={BaggingFraction:R}
            bagging_freq={(BaggingFraction < 1 ? BaggingEvery : 0)} min_data_in_leaf={RowsInLeaf} lambda_l2={L2:R} max_bin={Bins}
            max_cat_threshold={CategoriesInSplit} seed={Seed} deterministic=true force_row_wise=true
            num_threads={Threads} verbosity=-1
            """).ReplaceLineEndings(" ");
    }

    private static void Within(string name, double value, double low, double high, Faults faults) =>
        ParameterRange.Within($"trees.{name}", value, low, high, faults);

    private static void Share(string name, double value, Faults faults) => ParameterRange.Share($"trees.{name}", value, faults);
}
