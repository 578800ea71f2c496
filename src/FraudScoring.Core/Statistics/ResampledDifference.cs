namespace FraudScoring.Core.Statistics;

/// <summary>A difference with its confidence interval.</summary>
/// <param name="Value">The difference on all payments.</param>
/// <param name="Low">Lower bound of the interval.</param>
/// <param name="High">Upper bound of the interval.</param>
/// <param name="Draws">The difference in each draw, ascending.</param>
/// <param name="Unit">What was drawn.</param>
public sealed record ResampledDifference(double Value, double Low, double High, IReadOnlyList<double> Draws, DrawnUnit Unit)
{
    /// <summary>The percentile interval of draws, which are sorted in place.</summary>
    internal static ResampledDifference Create(double value, double[] draws, double confidence, DrawnUnit unit)
    {
        Array.Sort(draws);
        var tail = (1 - confidence) / 2;
        return new ResampledDifference(value, Quantile(draws, tail), Quantile(draws, 1 - tail), draws, unit);
    }

    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
