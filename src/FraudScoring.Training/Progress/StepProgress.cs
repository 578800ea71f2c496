namespace FraudScoring.Training.Progress;

/// <summary>How far a run is.</summary>
/// <param name="Stage">The stage it is in, where the run has stages; else empty.</param>
/// <param name="Step">The step that runs; null when the stage has only begun.</param>
/// <param name="Fraction">Of the step, 0 to 1; null while its length is unknown.</param>
internal readonly record struct StepProgress(string Stage, string? Step, double? Fraction);
