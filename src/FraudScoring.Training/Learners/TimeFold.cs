using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// A fold of time-ordered validation: train on what had happened and was known before a time, predict what came after it.
/// </summary>
/// <param name="Number">Starting at 1, in order of time.</param>
/// <param name="Train">Rows before the gap, with the labels known when the validation begins.</param>
/// <param name="Validation">Rows to predict, with all their labels.</param>
internal sealed record TimeFold(int Number, TrainingMatrix Train, TrainingMatrix Validation)
{
    // The first rows are only trained on: a model trained on fewer would not represent the final one, which is trained on all.
    private const double FirstTrainingShare = 0.4;

    /// <summary>
    /// Cuts rows into folds. Their validation parts are consecutive and end with the last row; each fold is trained on all rows before its
    /// gap.
    /// </summary>
    /// <param name="rows">Rows in order of time. If they have no times, there is no gap, and all labels count as known.</param>
    /// <param name="folds">Number of folds, at least 1.</param>
    /// <param name="gap">Time left out before each validation part, because most of its labels are not known yet.</param>
    /// <exception cref="ArgumentException">A part lacks a class; the message names all such folds.</exception>
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
            // The gap is a span of time, because labels take time to arrive. A fraud that became known after the validation begins counts
            // as legitimate, as it did then.
            var known = rows.Slice(0, timed ? Before(rows, from, startMs - (long)gap.TotalMilliseconds) : from);
            result.Add(new TimeFold(fold + 1, timed ? known.AsKnownAt(startMs) : known, validation));
        }
        var faults = new Faults();
        result.ForEach(fold => fold.Check(faults));
        return faults.Count == 0 ? result : throw new ArgumentException(
            $"{faults}. Both classes are needed: use fewer folds, a shorter gap or a longer time span");
    }

    /// <summary>Number of rows before a time, at most <paramref name="most"/>.</summary>
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
        foreach (var (part, rows) in new[] { ("train on", Train), ("predict", Validation) })
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
