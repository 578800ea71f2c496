using System.Globalization;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Datasets;

/// <summary>Puts down which payments a model learned from.</summary>
internal static class Lineage
{
    private const double HourMs = 3_600_000;

    /// <summary>The record for a manifest.</summary>
    /// <param name="command">The command, with its options.</param>
    /// <param name="log">The event log.</param>
    /// <param name="book">Its labels and its span.</param>
    /// <param name="split">How it was cut.</param>
    /// <param name="history">Its rows.</param>
    public static TrainingLineage Of(string command, string log, LabelBook book, TimeSplit split, ReplayedHistory history)
    {
        const long day = 86_400_000;
        return new TrainingLineage(
            command, Path.GetFileName(log), EventLogReader.Hash(log), Day(book.FirstMs), Day(book.LastMs), book.Payments, Day(split.TestMs),
            Math.Round(book.MedianFraudDelayMs / HourMs, 1),
            [
                new LineagePart("warm-up, history alone", Day(book.FirstMs), Day(split.FitMs), 0, 0),
                Part("fit", split.FitMs, split.LaterMs, history.Fit),
                Part("stacking and calibration", split.LaterMs, split.GapMs, history.Later),
                new LineagePart("gap, history alone", Day(split.GapMs), Day(split.TestMs), 0, 0),
                Part("test", split.TestMs, book.LastMs + day, history.Test),
            ]);
    }

    private static LineagePart Part(string name, long fromMs, long toMs, TrainingMatrix rows) => new(name, Day(fromMs), Day(toMs), rows.Rows, rows.Frauds);

    private static string Day(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
