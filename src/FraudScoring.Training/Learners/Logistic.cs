namespace FraudScoring.Training.Learners;

/// <summary>The logistic function and its loss, without overflow for any margin.</summary>
internal static class Logistic
{
    /// <summary>The probability of a margin in log-odds.</summary>
    public static double Sigmoid(double margin)
    {
        var e = Math.Exp(-Math.Abs(margin));
        return margin >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    public static double Logit(double probability) => Math.Log(probability / (1 - probability));

    /// <summary>Minus the log-likelihood of a label, 0 or 1.</summary>
    public static double Loss(double margin, double label)
    {
        var wrong = label > 0 ? -margin : margin;
        return Math.Max(wrong, 0) + Math.Log(1 + Math.Exp(-Math.Abs(wrong)));
    }
}
