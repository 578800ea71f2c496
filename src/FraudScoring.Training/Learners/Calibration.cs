namespace FraudScoring.Training.Learners;

/// <summary>
/// A strictly increasing, piecewise-linear map from the stacker's margin s to calibrated log-odds:
/// logit = bias + slope · s + Σ changes[k] · max(s - knots[k], 0). It never reorders payments and never creates ties. Parameters are
/// float32, as exported.
/// </summary>
/// <param name="Bias">Log-odds of the left tail at s = 0.</param>
/// <param name="Slope">Slope left of the first knot, above 0.</param>
/// <param name="Knots">Ascending margins, at least one.</param>
/// <param name="SlopeChanges">Change of the slope at each knot.</param>
internal sealed record Calibration(float Bias, float Slope, float[] Knots, float[] SlopeChanges)
{
    public double Logit(double margin)
    {
        var logit = Bias + (double)Slope * margin;
        for (var k = 0; k < Knots.Length; k++)
        {
            logit += SlopeChanges[k] * Math.Max(margin - Knots[k], 0);
        }
        return logit;
    }

    public double Probability(double margin) => Logistic.Sigmoid(Logit(margin));
}
