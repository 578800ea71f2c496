using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>A model whose margin is a sum over its trees or terms.</summary>
internal interface IEnsembleMember
{
    /// <summary>The margin of each row. Higher is more suspicious.</summary>
    double[] PredictMargins(TrainingMatrix matrix);
}
