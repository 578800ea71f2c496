using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Evaluation;

/// <summary>
/// Chooses thresholds by fixed false-positive rates: the baseline that the least-cost thresholds are compared with.
/// </summary>
internal static class ThresholdChooser
{
    /// <summary>
    /// Shares of legitimate payments at or above each threshold, 0 to 1: rates in common use where decisions are not priced.
    /// </summary>
    public static (double Review, double Challenge, double Decline) UsualRates => (0.005, 0.002, 0.001);

    /// <summary>Returns the lowest thresholds that do not exceed the false-positive rates.</summary>
    /// <param name="probabilities">Probabilities of payments the members were not fitted on.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="rates">Share of legitimate payments at or above each threshold, 0 to 1, in descending order.</param>
    public static Thresholds Choose(
        ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, (double Review, double Challenge, double Decline) rates)
    {
        var legitimate = new List<double>(probabilities.Length);
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (labels[i] == 0)
            {
                legitimate.Add(probabilities[i]);
            }
        }
        legitimate.Sort();
        return new Thresholds(At(legitimate, rates.Review), At(legitimate, rates.Challenge), At(legitimate, rates.Decline));
    }

    // Steps of one in a million keep the thresholds short in the manifest. The threshold is always rounded up past the highest payment that
    // must pass, so rounding cannot raise the false-positive rate above the requested one.
    private static double At(List<double> legitimate, double rate)
    {
        var allowed = (int)(legitimate.Count * rate);
        var highestPassed = legitimate[Math.Max(0, legitimate.Count - 1 - allowed)];
        return Math.Min(1, (Math.Floor(highestPassed * 1e6) + 1) / 1e6);
    }
}
