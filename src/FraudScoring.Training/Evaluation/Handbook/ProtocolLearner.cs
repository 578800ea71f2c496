using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>The model that is trained on a split.</summary>
internal enum ProtocolMembers
{
    /// <summary>Boosted trees only.</summary>
    Trees,

    /// <summary>The product's ensemble with all its members.</summary>
    All,
}

/// <summary>Trains a model on a split and scores its test.</summary>
/// <param name="Members">The model.</param>
/// <param name="Trees">Parameters of the boosted trees.</param>
internal sealed record ProtocolLearner(ProtocolMembers Members, BoostedTreesParameters Trees)
{
    // Share of the rows, earliest first, that the members are fitted on; the stacker and the calibration use the rest.
    private const double FitShare = 0.7;

    /// <summary>Default parameters, chosen on the validation splits of simulated payments.</summary>
    /// <remarks>
    /// The number of bins is high because the amounts that are always frauds are rarer than the share of one bin out of LightGBM's default
    /// 255, and would share a bin with legitimate amounts. Leaves are large and regularised: otherwise leaves of a few rows rank single
    /// payments above all others, which costs average precision.
    /// </remarks>
    public static BoostedTreesParameters Defaults { get; } = new()
    {
        Trees = 150, Leaves = 15, LearningRate = 0.06, FeatureFraction = 0.3, BaggingFraction = 1, RowsInLeaf = 50, L2 = 5,
        Bins = 2_047, Seed = 0,
    };

    /// <summary>Trains on some rows and returns the margins of others in log-odds; higher is more suspicious.</summary>
    public double[] Score(TrainingMatrix train, TrainingMatrix test, CancellationToken cancellation)
    {
        if (Members == ProtocolMembers.Trees)
        {
            return BoostedTrees.Train(train, validation: null, Trees, cancellation: cancellation).PredictMargins(test);
        }
        var fit = (int)(train.Rows * FitShare);
        var parameters = new EnsembleParameters { Trees = Trees };
        return EnsembleTrainer.Train(train.Slice(0, fit), train.Slice(fit, train.Rows - fit), parameters, null, cancellation)
            .PredictMargins(test);
    }
}
