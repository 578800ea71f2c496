namespace FraudScoring.Training.Learners;

/// <summary>Which part of an ensemble is learned, in order.</summary>
internal enum LearningStep
{
    Folds,
    Trees,
    Forest,
    Linear,
    Anomaly,
    Stacking,
    Calibration,
}

/// <summary>How far learning is.</summary>
/// <param name="Step">The part that is learned.</param>
/// <param name="Fraction">Of that part, 0 to 1; 1 is told when it ends.</param>
internal readonly record struct LearningProgress(LearningStep Step, double Fraction);
