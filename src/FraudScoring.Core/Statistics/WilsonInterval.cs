namespace FraudScoring.Core.Statistics;

/// <summary>
/// The 95 % confidence interval of a share (Wilson, 1927). Never outside 0 to 1, and valid for few trials and for shares of 0 or 1.
/// </summary>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>The normal distribution's quantile at 0.975.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>The interval of <paramref name="successes"/> among <paramref name="trials"/>; NaN to NaN without trials.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 0 successes, or more than trials.</exception>
    public static WilsonInterval Compute(long successes, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
        {
            return new WilsonInterval(double.NaN, double.NaN);
        }
        double n = trials, share = successes / n;
        var centre = (share + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        var half = Z / (1 + (Z * Z / n)) * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        return new WilsonInterval(successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half);
    }
}
