using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>A whole ensemble: what the graph computes, in the trainer's own arithmetic.</summary>
/// <param name="FeatureNames">Columns, in order.</param>
/// <param name="Members">Give a margin each.</param>
/// <param name="Stacker">Joins their margins.</param>
/// <param name="Calibration">Makes the joint margin a probability.</param>
internal sealed record TrainedEnsemble(IReadOnlyList<string> FeatureNames, EnsembleMembers Members, Stacker Stacker, Calibration Calibration)
{
    /// <summary>What the stacker was fitted on; null where that were rows later than the members'.</summary>
    public OutOfFold? Folds { get; init; }

    /// <summary>How the members were chosen; null where they were named.</summary>
    public MemberChoice? Choice { get; init; }

    /// <summary>Per member its margin on each row, in the order of <see cref="EnsembleMembers.Present"/>.</summary>
    public IReadOnlyList<double[]> PredictMemberMargins(TrainingMatrix matrix) => Members.PredictMargins(matrix);

    /// <summary>The stacker's margin of each row.</summary>
    public double[] PredictMargins(TrainingMatrix matrix) => Stacker.PredictMargins(PredictMemberMargins(matrix));

    /// <summary>The calibrated probability of fraud of each row, 0 to 1.</summary>
    public double[] PredictProbabilities(TrainingMatrix matrix) => Array.ConvertAll(PredictMargins(matrix), Calibration.Probability);
}
