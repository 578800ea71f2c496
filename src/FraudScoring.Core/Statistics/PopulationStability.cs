namespace FraudScoring.Core.Statistics;

/// <summary>
/// The population stability index: how far a column's shares by bin have moved from a reference. Below 0.1 the change is
/// small, above 0.25 large. Bins are the reference's deciles; each holds what is above its lower edge, up to and including its upper one.
/// </summary>
/// <remarks>
/// A value that a tenth of the reference or more has (an atom: zeros, a limit, a constant) gets a bin of its own, with an edge on either
/// side. Deciles alone would put everything below an atom into its bin: a constant that falls would have an index of 0, one that rises 18.
/// </remarks>
public static class PopulationStability
{
    /// <summary>Minimum share of a bin, so that an empty bin gives a large index instead of an infinite one.</summary>
    public const double LeastShare = 1e-4;

    /// <summary>Minimum share of a value with a bin of its own: that of a decile.</summary>
    public const double AtomShare = 0.1;

    /// <summary>The index of two samples.</summary>
    /// <exception cref="ArgumentException">A sample is empty or holds a value that is not a number.</exception>
    public static double Index(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var edges = Edges(reference);
        return OfShares(Shares(edges, reference), Shares(edges, current));
    }

    /// <summary>The index of two distributions over the same bins.</summary>
    /// <exception cref="ArgumentException">They do not have the same number of bins.</exception>
    public static double OfShares(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.Length != current.Length)
        {
            throw new ArgumentException(
                $"current: has {current.Length} bins for {reference.Length} of the reference; pass the same bins.", nameof(current));
        }
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var (p, q) = (Math.Max(reference[i], LeastShare), Math.Max(current[i], LeastShare));
            sum += (p - q) * Math.Log(p / q);
        }
        return sum;
    }

    /// <summary>The distinct deciles between the reference's least and greatest value, interpolated linearly, in ascending order.</summary>
    /// <exception cref="ArgumentException">The sample is empty or holds a value that is not a number.</exception>
    public static double[] InnerEdges(ReadOnlySpan<double> reference)
    {
        var sorted = Samples.Sorted(reference, nameof(reference));
        return [.. Enumerable.Range(1, 9).Select(tenth => Samples.Quantile(sorted, tenth / 10.0)).Distinct()];
    }

    /// <summary>
    /// The edges of the bins, in ascending order: the <see cref="InnerEdges"/>, and for each atom its value and the number before it.
    /// </summary>
    /// <exception cref="ArgumentException">The sample is empty or holds a value that is not a number.</exception>
    public static double[] Edges(ReadOnlySpan<double> reference)
    {
        var sorted = Samples.Sorted(reference, nameof(reference));
        var edges = new SortedSet<double>(InnerEdges(sorted));
        for (var (from, to) = (0, 0); from < sorted.Length; from = to)
        {
            for (to = from; to < sorted.Length && sorted[to] == sorted[from];)
            {
                to++;
            }
            if (to - from >= AtomShare * sorted.Length)
            {
                edges.Add(Math.BitDecrement(sorted[from]));
                edges.Add(sorted[from]);
            }
        }
        return [.. edges];
    }

    /// <summary>The share of a sample in each bin: one more than there are edges.</summary>
    /// <exception cref="ArgumentException">The sample is empty or holds a value that is not a number.</exception>
    public static double[] Shares(ReadOnlySpan<double> innerEdges, ReadOnlySpan<double> sample)
    {
        Samples.Check(sample, nameof(sample));
        var counts = new double[innerEdges.Length + 1];
        foreach (var value in sample)
        {
            var found = innerEdges.BinarySearch(value);
            counts[found < 0 ? ~found : found]++;
        }
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] /= sample.Length;
        }
        return counts;
    }
}
