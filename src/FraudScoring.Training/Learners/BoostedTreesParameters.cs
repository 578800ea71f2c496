using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

/// <summary>Parameters of the boosted trees. The weight of frauds is set in <see cref="LossWeights"/>, for all members.</summary>
internal sealed record BoostedTreesParameters
{
    /// <summary>Maximum number of trees, 1 to 5,000.</summary>
    public int Trees { get; init; } = 300;

    /// <summary>Maximum number of leaves per tree, 2 to 4,096.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Maximum number of splits from root to leaf, 1 to 16. Limits the time of a prediction and of its explanation.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>Share of each tree's correction that is applied, above 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Share of the features available to a tree, above 0 to 1.</summary>
    public double FeatureFraction { get; init; } = 0.7;

    /// <summary>Share of the rows a tree is grown on, above 0 to 1.</summary>
    public double BaggingFraction { get; init; } = 0.8;

    /// <summary>Number of trees grown on the same draw of rows, 1 to 1,000.</summary>
    public int BaggingEvery { get; init; } = 5;

    /// <summary>Minimum number of rows in a leaf, 1 to 1,000,000.</summary>
    public int RowsInLeaf { get; init; } = 50;

    /// <summary>L2 penalty on leaf values, 0 to 1,000,000.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Maximum number of bins per feature, 2 to 65,535.</summary>
    public int Bins { get; init; } = 255;

    /// <summary>
    /// Maximum number of categories on the left of a categorical split, 1 to 32. ONNX trees only compare numbers, so each run of
    /// consecutive codes copies the subtree below the split.
    /// </summary>
    public int CategoriesInSplit { get; init; } = 1;

    /// <summary>Number of trees without a better validation loss after which to stop, 1 to 5,000. Used only with validation rows.</summary>
    public int Patience { get; init; } = 40;

    /// <summary>Random seed, at least 0.</summary>
    public int Seed { get; init; } = 20_260_101;

    /// <summary>Number of threads, 1 to 256. The model does not depend on it.</summary>
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

    /// <summary>The parameters in LightGBM's format.</summary>
    /// <exception cref="ArgumentException">Parameters are out of range; the message holds all faults.</exception>
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
