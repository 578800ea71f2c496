using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Parameters of the random forest: independent trees, each grown on its own draw of rows, with a draw of features for each split.
/// </summary>
internal sealed record ForestParameters
{
    /// <summary>Number of trees, 1 to 1,000.</summary>
    public int Trees { get; init; } = 60;

    /// <summary>Maximum number of leaves per tree, 2 to 4,096.</summary>
    public int Leaves { get; init; } = 48;

    /// <summary>Maximum number of splits from root to leaf, 1 to 16.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>Share of the features available to a split, above 0 to 1.</summary>
    public double FeatureFraction { get; init; } = 0.6;

    /// <summary>Share of the rows a tree is grown on, 0.05 to 0.95.</summary>
    public double BaggingFraction { get; init; } = 0.8;

    /// <summary>Minimum number of rows in a leaf, 1 to 1,000,000.</summary>
    public int RowsInLeaf { get; init; } = 15;

    /// <summary>True to try one random threshold per feature and split instead of the best one, which makes trees differ more.</summary>
    public bool RandomThresholds { get; init; }

    /// <summary>Random seed, at least 0.</summary>
    public int Seed { get; init; } = 20_260_102;

    /// <summary>Number of threads, 1 to 256. The model does not depend on it.</summary>
    public int Threads { get; init; } = 2;

    public void Check(Faults faults)
    {
        ParameterRange.Within("forest.Trees", Trees, 1, 1_000, faults);
        ParameterRange.Within("forest.Leaves", Leaves, 2, 4_096, faults);
        ParameterRange.Within("forest.Depth", Depth, 1, 16, faults);
        ParameterRange.Share("forest.FeatureFraction", FeatureFraction, faults);
        ParameterRange.Within("forest.BaggingFraction", BaggingFraction, 0.05, 0.95, faults);
        ParameterRange.Within("forest.RowsInLeaf", RowsInLeaf, 1, 1_000_000, faults);
        ParameterRange.Within("forest.Seed", Seed, 0, int.MaxValue, faults);
        ParameterRange.Within("forest.Threads", Threads, 1, 256, faults);
    }

    /// <summary>The parameters in LightGBM's format.</summary>
    /// <exception cref="ArgumentException">Parameters are out of range; the message holds all faults.</exception>
    public string ToText()
    {
        var faults = new Faults();
        Check(faults);
        faults.ThrowIfAny();
        return string.Create(CultureInfo.InvariantCulture, $"""
            objective=binary metric=none boosting=rf num_leaves={Leaves} max_depth={Depth}
            extra_trees={(RandomThresholds ? "true" : "false")} feature_fraction_bynode={FeatureFraction:R}
            bagging_fraction={BaggingFraction:R} bagging_freq=1 min_data_in_leaf={RowsInLeaf}
            max_cat_threshold=1 seed={Seed} deterministic=true force_row_wise=true num_threads={Threads} verbosity=-1
            """).ReplaceLineEndings(" ");
    }
}
