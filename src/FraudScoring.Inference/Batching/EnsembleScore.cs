namespace FraudScoring.Inference.Batching;

/// <summary>What an ensemble says of one payment.</summary>
/// <param name="Probability">Calibrated fraud probability, 0 to 1.</param>
/// <param name="Margin">The stacker's margin (log-odds), before calibration: what contributions add up to.</param>
public readonly record struct EnsembleScore(double Probability, double Margin);
