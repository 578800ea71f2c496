namespace FraudScoring.Core.Statistics;

/// <summary>
/// The distribution of delays that are seen only if they end before the observation does (right truncation): the reverse-time
/// product-limit estimator of Lagakos, Barraj and De Gruttola, Biometrika 75 (1988).
/// </summary>
/// <remarks>
/// The delays in a log are not a sample of the delays: of the payments of yesterday, only those labelled within a day have one. Quantiles
/// of the observed delays are therefore too small. In reverse time the truncation becomes late entry: a delay of t is compared only with
/// delays up to t whose payment was observed for at least t. What the estimator cannot show are delays longer than the observation: it
/// estimates the distribution of delays up to <see cref="Longest"/>.
/// </remarks>
public sealed class TruncatedDelays
{
    // With fewer observations at risk, a single one would carry a large part of the distribution.
    private const int LeastAtRisk = 10;

    // Shares are products; 0.5 may have become 0.4999999999999999.
    private const double Rounding = 1e-12;

    private readonly long[] _delays;
    private readonly double[] _shares;

    private TruncatedDelays(long[] delays, double[] shares, long longest) => (_delays, _shares, Longest) = (delays, shares, longest);

    /// <summary>Minimum number of observations.</summary>
    public const int LeastObservations = 20;

    /// <summary>The longest delay that enough payments were observed for, in the unit of the delays.</summary>
    public long Longest { get; }

    /// <summary>Estimates the distribution.</summary>
    /// <param name="delays">Observed delays, at least <see cref="LeastObservations"/>, not negative, in any unit.</param>
    /// <param name="windows">For each, the longest delay that would have been observed: the end of the observation minus its start.</param>
    /// <exception cref="ArgumentException">Lengths differ, there are too few, or a delay is negative or longer than its window.</exception>
    public static TruncatedDelays Estimate(ReadOnlySpan<long> delays, ReadOnlySpan<long> windows)
    {
        Check(delays, windows);
        long[] entries = windows.ToArray(), ends = delays.ToArray();
        Array.Sort(entries);
        Array.Sort(ends);
        var longest = entries[^LeastAtRisk];
        var (times, shares) = (new List<long>(), new List<double>());
        var share = 1.0;
        for (var last = Before(ends, longest + 1); last > 0;)
        {
            var time = ends[last - 1];
            var first = Before(ends, time);
            times.Add(time);
            shares.Add(share);
            // At risk: delays up to this one, without those that were observed for less than it.
            var atRisk = last - Before(entries, time);
            share *= 1 - ((double)(last - first) / atRisk);
            last = first;
        }
        times.Reverse();
        shares.Reverse();
        return new TruncatedDelays([.. times], [.. shares], longest);
    }

    /// <summary>
    /// The shortest delay that at least a share of the delays do not exceed; <see cref="Longest"/> if all are longer than that.
    /// </summary>
    /// <param name="share">0 to 1.</param>
    public long Quantile(double share) => _delays.Length == 0 ? Longest : _delays[Array.FindIndex(_shares, at => at >= share - Rounding)];

    /// <summary>Number of sorted values that are less than a value.</summary>
    private static int Before(long[] sorted, long value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private static void Check(ReadOnlySpan<long> delays, ReadOnlySpan<long> windows)
    {
        if (delays.Length != windows.Length || delays.Length < LeastObservations)
        {
            throw new ArgumentException(
                $"delays and windows must have the same length, at least {LeastObservations}; "
                    + $"they have {delays.Length} and {windows.Length}");
        }
        for (var i = 0; i < delays.Length; i++)
        {
            if (delays[i] < 0 || delays[i] > windows[i])
            {
                throw new ArgumentException($"delays[{i}]: is {delays[i]}; must be 0 to its window, {windows[i]}.", nameof(delays));
            }
        }
    }
}
