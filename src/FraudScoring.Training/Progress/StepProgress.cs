namespace FraudScoring.Training.Progress;

/// <summary>Progress of a run.</summary>
/// <param name="Stage">The current stage; empty if the run has no stages.</param>
/// <param name="Step">The current step; null when a stage is entered.</param>
/// <param name="Fraction">Completed share of the step, 0 to 1; null if its length is unknown.</param>
internal readonly record struct StepProgress(string Stage, string? Step, double? Fraction);
