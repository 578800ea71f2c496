using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>What learns.</summary>
internal enum ProtocolMembers
{
    /// <summary>Boosted trees alone.</summary>
    Trees,

    /// <summary>The product's ensemble with all its members.</summary>
    All,
}

/// <summary>How a split is learned.</summary>
/// <param name="Members">What learns.</param>
/// <param name="Trees">How the trees are grown.</param>
internal sealed record ProtocolLearner(ProtocolMembers Members, BoostedTreesParameters Trees)
{
    /// <summary>Share of the rows, the earliest, that the ensemble's members see; stacker and calibration get the rest.</summary>
    private const double FitShare = 0.7;

    /// <summary>
    /// Chosen on the validation splits of simulated payments. Bins are many, as the amounts that are always frauds are fewer than a bin's
    /// share among 255; leaves are large and held back, as else a few rows put single payments above all others.
    /// </summary>
    public static BoostedTreesParameters Defaults { get; } = new()
    {
        Trees = 150, Leaves = 15, LearningRate = 0.06, FeatureFraction = 0.3, BaggingFraction = 1, RowsInLeaf = 50, L2 = 5, Bins = 2_047, Seed = 0,
    };

    /// <summary>Learns from some rows and scores others; a higher score is more suspicious.</summary>
    public double[] Score(TrainingMatrix train, TrainingMatrix test, CancellationToken cancellation)
    {
        if (Members == ProtocolMembers.Trees)
        {
            return BoostedTrees.Train(train, validation: null, Trees, cancellation: cancellation).PredictMargins(test);
        }
        var fit = (int)(train.Rows * FitShare);
        return EnsembleTrainer.Train(train.Slice(0, fit), train.Slice(fit, train.Rows - fit), new EnsembleParameters { Trees = Trees }, null, cancellation)
            .PredictMargins(test);
    }
}
