namespace FraudScoring.Training.Learners;

/// <summary>Which part of the training runs, in order.</summary>
internal enum TrainingStage
{
    Folds,
    Trees,
    Forest,
    Linear,
    Anomaly,
    Stacking,
    Calibration,
}

/// <summary>How far training is.</summary>
/// <param name="Stage">The part that runs.</param>
/// <param name="Fraction">Of that part, 0 to 1; 1 is told when it ends.</param>
internal readonly record struct TrainingProgress(TrainingStage Stage, double Fraction);
