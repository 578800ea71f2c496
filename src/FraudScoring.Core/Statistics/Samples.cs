namespace FraudScoring.Core.Statistics;

/// <summary>Checks and sorts samples, and computes their quantiles.</summary>
public static class Samples
{
    /// <summary>A sorted copy.</summary>
    /// <exception cref="ArgumentException">The sample is empty or holds a value that is not a number.</exception>
    public static double[] Sorted(ReadOnlySpan<double> sample, string name)
    {
        Check(sample, name);
        var sorted = sample.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>A quantile of a sorted sample, interpolated linearly between its neighbours (NumPy's default).</summary>
    /// <param name="sorted">At least one value, ascending.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = Math.Min((int)at, sorted.Length - 1);
        var above = Math.Min(below + 1, sorted.Length - 1);
        var (part, step) = (at - below, sorted[above] - sorted[below]);
        // From the nearer neighbour, so that equal neighbours give exactly their value.
        return step == 0 ? sorted[below] : part < 0.5 ? sorted[below] + (step * part) : sorted[above] - (step * (1 - part));
    }

    internal static void Check(ReadOnlySpan<double> sample, string name)
    {
        if (sample.IsEmpty)
        {
            throw new ArgumentException($"{name}: is empty.", name);
        }
        for (var i = 0; i < sample.Length; i++)
        {
            if (double.IsNaN(sample[i]))
            {
                throw new ArgumentException($"{name}[{i}]: is not a number.", name);
            }
        }
    }
}
