using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// A step of time-ordered validation: learn from what had happened and was known before a time, predict what came after it.
/// </summary>
/// <param name="Number">From 1, in order of time.</param>
/// <param name="Train">Rows before the gap, with the labels known when the validation begins.</param>
/// <param name="Validation">The rows to predict, with all their labels.</param>
internal sealed record TimeFold(int Number, TrainingMatrix Train, TrainingMatrix Validation)
{
    // What comes first is only learned from: less would say little of a model trained on all.
    private const double FirstTrainingShare = 0.4;

    /// <summary>Cuts rows into folds whose validation parts follow each other to the last row; each learns from all before its gap.</summary>
    /// <param name="rows">In order of time. Where they tell no times, there is no gap, and all labels count as known.</param>
    /// <param name="folds">At least 1.</param>
    /// <param name="gap">What is left out before each validation part, since its labels are mostly not known yet.</param>
    /// <exception cref="ArgumentException">A part lacks a class; all such folds are named.</exception>
    public static IReadOnlyList<TimeFold> Cut(TrainingMatrix rows, int folds, TimeSpan gap)
    {
        var first = (int)(rows.Rows * FirstTrainingShare);
        var timed = rows.Rows > 0 && rows.Origins[0].EventMs != rows.Origins[^1].EventMs;
        var result = new List<TimeFold>();
        for (var fold = 0; fold < folds; fold++)
        {
            var from = first + (int)((long)(rows.Rows - first) * fold / folds);
            var to = first + (int)((long)(rows.Rows - first) * (fold + 1) / folds);
            var validation = rows.Slice(from, to - from);
            var startMs = timed && to > from ? validation.Origins[0].EventMs : 0;
            var known = rows.Slice(0, timed ? Before(rows, from, startMs - (long)gap.TotalMilliseconds) : from);
            result.Add(new TimeFold(fold + 1, timed ? known.AsKnownAt(startMs) : known, validation));
        }
        var faults = new Faults();
        result.ForEach(fold => fold.Check(faults));
        return faults.Count == 0 ? result : throw new ArgumentException(
            $"{faults}. Both classes are needed: take fewer folds, a shorter gap or a longer time span");
    }

    /// <summary>How many of the first rows happened before a time.</summary>
    private static int Before(TrainingMatrix rows, int most, long timeMs)
    {
        var count = 0;
        while (count < most && rows.Origins[count].EventMs < timeMs)
        {
            count++;
        }
        return count;
    }

    private void Check(Faults faults)
    {
        foreach (var (part, rows) in new[] { ("learn from", Train), ("predict", Validation) })
        {
            var frauds = rows.Frauds;
            if (frauds == 0 || frauds == rows.Rows)
            {
                faults.Add($"fold {Number}",
                    string.Create(CultureInfo.InvariantCulture, $"has {frauds} frauds among {rows.Rows} rows to {part}"));
            }
        }
    }
}
