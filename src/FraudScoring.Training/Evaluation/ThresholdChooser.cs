using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Evaluation;

/// <summary>
/// Chooses the thresholds at which given shares of legitimate payments are reviewed, challenged and declined: what those that are found
/// by cost are compared with.
/// </summary>
internal static class ThresholdChooser
{
    /// <summary>Shares of legitimate payments at or over each threshold that are usual where nobody counts the money.</summary>
    public static (double Review, double Challenge, double Decline) UsualRates => (0.005, 0.002, 0.001);

    /// <summary>The lowest probabilities that keep the false-positive rates.</summary>
    /// <param name="probabilities">Of payments the members were not fitted on.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="rates">Share of legitimate payments at or over each threshold, 0 to 1, descending.</param>
    public static Thresholds Choose(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels, (double Review, double Challenge, double Decline) rates)
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

    /// <summary>Just over the legitimate payment that must not be caught any more, in steps of one in a million.</summary>
    private static double At(List<double> legitimate, double rate)
    {
        var allowed = (int)(legitimate.Count * rate);
        var highestPassed = legitimate[Math.Max(0, legitimate.Count - 1 - allowed)];
        return Math.Min(1, (Math.Floor(highestPassed * 1e6) + 1) / 1e6);
    }
}
