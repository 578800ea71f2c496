using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>A trained ensemble. It computes what the exported graph computes, in the trainer's own arithmetic.</summary>
/// <param name="FeatureNames">Feature names, in column order.</param>
/// <param name="Members">The members, each with a margin.</param>
/// <param name="Stacker">Combines their margins.</param>
/// <param name="Calibration">Maps the combined margin to a probability.</param>
internal sealed record TrainedEnsemble(
    IReadOnlyList<string> FeatureNames, EnsembleMembers Members, Stacker Stacker, Calibration Calibration)
{
    /// <summary>The out-of-fold predictions that the stacker was fitted to; null if it was fitted to later rows.</summary>
    public OutOfFold? Folds { get; init; }

    /// <summary>How the members were chosen; null if they were given.</summary>
    public MemberChoice? Choice { get; init; }

    /// <summary>The margins of each member, in the order of <see cref="EnsembleMembers.Present"/>: members × rows.</summary>
    public IReadOnlyList<double[]> PredictMemberMargins(TrainingMatrix matrix) => Members.PredictMargins(matrix);

    /// <summary>The stacker's margin of each row.</summary>
    public double[] PredictMargins(TrainingMatrix matrix) => Stacker.PredictMargins(PredictMemberMargins(matrix));

    /// <summary>The calibrated probability of fraud of each row, 0 to 1.</summary>
    public double[] PredictProbabilities(TrainingMatrix matrix) => Array.ConvertAll(PredictMargins(matrix), Calibration.Probability);
}
