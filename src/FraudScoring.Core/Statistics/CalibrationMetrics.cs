namespace FraudScoring.Core.Statistics;

/// <summary>How far predicted probabilities are from what happened. All are 0 for a forecast that is always right.</summary>
public static class CalibrationMetrics
{
    /// <summary>Probabilities are kept this far from 0 and 1 in the log loss, so that one confident mistake does not make it
    /// infinite.</summary>
    public const double ClippedAt = 1e-6;

    /// <summary>Default number of bins of <see cref="CalibrationError"/>.</summary>
    public const int DefaultBins = 15;

    /// <summary>Mean squared difference of probability and label (Brier, 1950), 0 to 1.</summary>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        ScoredRows.CheckProbabilities(probabilities, labels);
        var sum = 0.0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var miss = probabilities[i] - (labels[i] ? 1 : 0);
            sum += miss * miss;
        }
        return sum / probabilities.Length;
    }

    /// <summary>Mean negative log-likelihood in nats, of probabilities clipped to [1e-6, 1 - 1e-6].</summary>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static double LogLoss(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        ScoredRows.CheckProbabilities(probabilities, labels);
        var sum = 0.0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var clipped = Math.Clamp(probabilities[i], ClippedAt, 1 - ClippedAt);
            sum -= Math.Log(labels[i] ? clipped : 1 - clipped);
        }
        return sum / probabilities.Length;
    }

    /// <summary>
    /// Expected calibration error: over bins of equal width, the gap between mean probability and share of frauds, weighted by the
    /// bin's share of rows.
    /// </summary>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static double CalibrationError(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels, int bins = DefaultBins)
    {
        var error = 0.0;
        foreach (var bin in Reliability(probabilities, labels, bins))
        {
            error += bin.Rows == 0 ? 0 : Math.Abs(bin.MeanProbability - bin.FraudShare) * bin.Rows / probabilities.Length;
        }
        return error;
    }

    /// <summary>The bins of the reliability diagram, [i/bins, (i+1)/bins) each, the last closed.</summary>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static ReliabilityBin[] Reliability(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels, int bins = DefaultBins)
    {
        ScoredRows.CheckProbabilities(probabilities, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var sums = new (long Rows, double Probability, long Frauds)[bins];
        for (var i = 0; i < probabilities.Length; i++)
        {
            ref var bin = ref sums[Math.Min((int)(probabilities[i] * bins), bins - 1)];
            bin = (bin.Rows + 1, bin.Probability + probabilities[i], bin.Frauds + (labels[i] ? 1 : 0));
        }
        return Array.ConvertAll(sums, bin => new ReliabilityBin(bin.Rows, bin.Probability / bin.Rows, (double)bin.Frauds / bin.Rows));
    }

    /// <summary>
    /// Bins of equal numbers of rows, by probability, highest first. Where frauds are rare, nearly all rows share the lowest bins of equal
    /// width, and the others hold hardly any; bins of equal mass weigh the same everywhere.
    /// </summary>
    /// <param name="probabilities">Probabilities, 0 to 1.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="bins">Number of bins, at least 1. With fewer rows there are as many bins as rows.</param>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static ReliabilityBin[] EqualMass(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels, int bins)
    {
        ScoredRows.CheckProbabilities(probabilities, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        // Stable: rows of equal probability stay in the order given, whatever the sort algorithm.
        var (scores, truth) = (probabilities.ToArray(), labels.ToArray());
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(row => scores[row])];
        var count = Math.Min(bins, order.Length);
        return [.. Enumerable.Range(0, count).Select(bin =>
        {
            var rows = order.AsSpan((int)((long)bin * order.Length / count)..(int)((long)(bin + 1) * order.Length / count));
            var (sum, frauds) = (0.0, 0);
            foreach (var row in rows)
            {
                (sum, frauds) = (sum + scores[row], frauds + (truth[row] ? 1 : 0));
            }
            return new ReliabilityBin(rows.Length, sum / rows.Length, (double)frauds / rows.Length);
        })];
    }

    /// <summary>
    /// Expected calibration error over bins, relative to the base rate: 0.1 means that a tenth as many payments as there are frauds have a
    /// probability that is wrong. Infinite without frauds.
    /// </summary>
    public static double RelativeError(IReadOnlyCollection<ReliabilityBin> bins) =>
        bins.Sum(bin => Math.Abs(bin.MeanProbability - bin.FraudShare) * bin.Rows) / bins.Sum(bin => bin.FraudShare * bin.Rows);
}

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Rows">Rows in it.</param>
/// <param name="MeanProbability">Their mean probability; NaN without rows.</param>
/// <param name="FraudShare">Share of frauds among them; NaN without rows.</param>
public readonly record struct ReliabilityBin(long Rows, double MeanProbability, double FraudShare);
