namespace FraudScoring.Inference.Batching;

/// <summary>An ensemble's score of one payment.</summary>
/// <param name="Probability">Calibrated fraud probability, 0 to 1.</param>
/// <param name="Margin">The stacker's margin (log-odds), before calibration. Contributions add up to it.</param>
public readonly record struct EnsembleScore(double Probability, double Margin);
