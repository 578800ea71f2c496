namespace FraudScoring.Core.Statistics;

/// <summary>
/// How well scores rank frauds above the rest. Scores may be of any scale, higher meaning more suspicious; rows of equal score
/// are one step of the curve, so the order they come in does not matter.
/// </summary>
public static class RankingMetrics
{
    /// <summary>Area under the ROC curve, 0 to 1: the chance that a fraud scores above a legitimate payment, a tie counting half.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or there are only frauds or none.</exception>
    public static double AreaUnderRoc(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var (positives, negatives) = Count(scores, labels);
        var area = 0.0;
        long above = 0;
        foreach (var step in Steps(scores, labels))
        {
            area += step.Negatives * (above + (step.Positives / 2.0));
            above += step.Positives;
        }
        return area / ((double)positives * negatives);
    }

    /// <summary>
    /// Average precision, 0 to 1: precision at every distinct score, weighted by the recall it adds, without interpolation
    /// (scikit-learn's average_precision_score). A random ranking has the share of frauds.
    /// </summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or there are only frauds or none.</exception>
    public static double AveragePrecision(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var (positives, _) = Count(scores, labels);
        var sum = 0.0;
        long found = 0;
        long flagged = 0;
        foreach (var step in Steps(scores, labels))
        {
            found += step.Positives;
            flagged += step.Positives + step.Negatives;
            sum += step.Positives * ((double)found / flagged);
        }
        return sum / positives;
    }

    /// <summary>The rates when every score at or above the threshold is flagged.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or there are only frauds or none.</exception>
    public static OperatingPoint At(double threshold, ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var (positives, negatives) = Count(scores, labels);
        long hits = 0;
        long falsePositives = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] >= threshold)
            {
                hits += labels[i] ? 1 : 0;
                falsePositives += labels[i] ? 0 : 1;
            }
        }
        return new OperatingPoint(threshold, hits, falsePositives, positives, negatives);
    }

    /// <summary>The operating point of every distinct score, from the highest to the lowest: the ROC curve without its origin.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or there are only frauds or none.</exception>
    public static IReadOnlyList<OperatingPoint> OperatingPoints(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var (positives, negatives) = Count(scores, labels);
        var points = new List<OperatingPoint>();
        long hits = 0;
        long falsePositives = 0;
        foreach (var step in Steps(scores, labels))
        {
            hits += step.Positives;
            falsePositives += step.Negatives;
            points.Add(new OperatingPoint(step.Score, hits, falsePositives, positives, negatives));
        }
        return points;
    }

    private static (long Positives, long Negatives) Count(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        ScoredRows.Check(scores, labels);
        long positives = labels.Count(true);
        return positives > 0 && positives < labels.Length
            ? (positives, labels.Length - positives)
            : throw new ArgumentException(
                $"labels: {positives} frauds among {labels.Length} rows; both classes are required.", nameof(labels));
    }

    /// <summary>Rows of equal score together, from the highest score down.</summary>
    private static List<(double Score, long Positives, long Negatives)> Steps(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var sorted = scores.ToArray();
        var labelsSorted = labels.ToArray();
        Array.Sort(sorted, labelsSorted);
        var steps = new List<(double Score, long Positives, long Negatives)>();
        for (var i = sorted.Length - 1; i >= 0;)
        {
            var (score, positives, rows) = (sorted[i], 0L, 0L);
            for (; i >= 0 && sorted[i] == score; i--)
            {
                positives += labelsSorted[i] ? 1 : 0;
                rows++;
            }
            steps.Add((score, positives, rows - positives));
        }
        return steps;
    }
}
