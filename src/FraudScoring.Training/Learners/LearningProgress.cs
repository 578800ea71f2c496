namespace FraudScoring.Training.Learners;

/// <summary>The steps of training an ensemble, in order.</summary>
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

/// <summary>Progress of training an ensemble.</summary>
/// <param name="Step">The current step.</param>
/// <param name="Fraction">Completed share of the step, 0 to 1; 1 is always reported at its end.</param>
internal readonly record struct LearningProgress(LearningStep Step, double Fraction);
