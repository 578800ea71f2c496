using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>What gives each row a margin that adds up over its trees or terms.</summary>
internal interface IEnsembleMember
{
    /// <summary>The margin of each row; higher is more suspicious.</summary>
    double[] PredictMargins(TrainingMatrix matrix);
}
