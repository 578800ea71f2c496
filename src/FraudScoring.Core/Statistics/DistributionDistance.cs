namespace FraudScoring.Core.Statistics;

/// <summary>How far apart two samples of one column are.</summary>
public static class DistributionDistance
{
    /// <summary>Jensen-Shannon distance of two distributions over the same bins, with logarithms to base 2: 0 when equal, 1 when apart.</summary>
    /// <exception cref="ArgumentException">They do not have the same number of bins.</exception>
    public static double JensenShannon(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.Length != current.Length)
        {
            throw new ArgumentException($"current: {current.Length} bins for {reference.Length}.", nameof(current));
        }
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var middle = (reference[i] + current[i]) / 2;
            sum += Divergence(reference[i], middle) + Divergence(current[i], middle);
        }
        return Math.Sqrt(Math.Max(0, sum / 2));
    }

    /// <summary>Kolmogorov-Smirnov: the largest difference between the two cumulative distributions, 0 to 1.</summary>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not a number.</exception>
    public static double KolmogorovSmirnov(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var largest = 0.0;
        Walk(reference, current, (_, difference) => largest = Math.Max(largest, Math.Abs(difference)));
        return largest;
    }

    /// <summary>Wasserstein: the area between the two cumulative distributions, in the column's own unit.</summary>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not a number.</exception>
    public static double Wasserstein(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var area = 0.0;
        Walk(reference, current, (width, difference) => area += width * Math.Abs(difference));
        return area;
    }

    /// <summary>
    /// Mann-Whitney's test, two-sided, by the normal approximation with corrections for ties and continuity: the chance of ranks this
    /// uneven if both samples had one distribution.
    /// </summary>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not a number.</exception>
    public static double MannWhitneyP(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        double[] a = Samples.Sorted(reference, nameof(reference)), b = Samples.Sorted(current, nameof(current));
        var (rankSum, ties, before) = (0.0, 0.0, 0.0);
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            var value = j == b.Length || (i < a.Length && a[i] <= b[j]) ? a[i] : b[j];
            var (inA, inB) = (Run(a, ref i, value), Run(b, ref j, value));
            double tied = inA + inB;
            rankSum += inA * (before + ((tied + 1) / 2));
            ties += (tied * tied * tied) - tied;
            before += tied;
        }
        double n = a.Length, m = b.Length, all = n + m;
        var u = rankSum - (n * (n + 1) / 2);
        var deviation = Math.Sqrt(n * m / 12 * (all + 1 - (ties / (all * (all - 1)))));
        var beyond = Math.Max(u, (n * m) - u) - (n * m / 2) - 0.5;
        return deviation == 0 ? 1 : Math.Min(1, 2 * Normal.UpperTail(beyond / deviation));
    }

    private static double Divergence(double share, double middle) => share == 0 ? 0 : share * Math.Log2(share / middle);

    /// <summary>Goes along all values; tells after each how far it is to the next, and reference minus current up to it.</summary>
    private static void Walk(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, Action<double, double> visit)
    {
        double[] a = Samples.Sorted(reference, nameof(reference)), b = Samples.Sorted(current, nameof(current));
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            var value = j == b.Length || (i < a.Length && a[i] <= b[j]) ? a[i] : b[j];
            Run(a, ref i, value);
            Run(b, ref j, value);
            var next = Math.Min(i < a.Length ? a[i] : double.MaxValue, j < b.Length ? b[j] : double.MaxValue);
            var last = i == a.Length && j == b.Length;
            visit(last ? 0 : next - value, ((double)i / a.Length) - ((double)j / b.Length));
        }
    }

    private static long Run(double[] sorted, ref int at, double value)
    {
        var start = at;
        while (at < sorted.Length && sorted[at] == value)
        {
            at++;
        }
        return at - start;
    }
}
