using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Datasets;

/// <summary>Records in the manifest which payments a model was trained, calibrated and tested on.</summary>
internal static class Lineage
{
    private const string Calibration = "calibration";
    private const string Test = "test";
    private const double HourMs = MillisecondsPer.Hour;

    /// <param name="command">The command with its options.</param>
    /// <param name="log">Path of the event log.</param>
    /// <param name="book">Its labels and time span.</param>
    /// <param name="maturity">Until when its labels are mature.</param>
    /// <param name="split">Its parts.</param>
    /// <param name="history">Its rows.</param>
    /// <param name="folds">Folds within the fit part that the stacker was fitted to; with 0 it was fitted to the later part.</param>
    public static TrainingLineage Create(
        string command, string log, LabelBook book, LabelMaturity maturity, TimeSplit split, ReplayedHistory history, int folds)
    {
        return new TrainingLineage(
            command, Path.GetFileName(log), EventLogReader.Hash(log), Day(book.FirstMs), Day(book.LastMs), book.Payments, Day(split.TestMs),
            Math.Round(book.MedianFraudDelayMs / HourMs, 1),
            [
                new LineagePart("warm-up, history only", Day(book.FirstMs), Day(split.FitMs), 0, 0),
                Part("fit", split.FitMs, split.LaterMs, history.Fit),
                Part(folds > 0 ? Calibration : "stacking and calibration", split.LaterMs, split.GapMs, history.Later),
                new LineagePart("gap, history only", Day(split.GapMs), Day(split.TestMs), 0, 0),
                Part(Test, split.TestMs, split.EndMs, history.Test),
            ])
        {
            LabelMaturity = maturity.Describe(),
        };
    }

    /// <summary>
    /// The split that a manifest records, with an empty fit part: enough to replay the payments of calibration and of the test again.
    /// </summary>
    /// <exception cref="InvalidDataException">The manifest records no such parts.</exception>
    public static TimeSplit SplitOf(TrainingLineage lineage)
    {
        var later = lineage.Parts.FirstOrDefault(part => part.Name == Calibration);
        var test = lineage.Parts.FirstOrDefault(part => part.Name == Test);
        return TryMs(later?.From) is { } from && TryMs(later?.To) is { } to && TryMs(test?.From) is { } testMs && TryMs(test?.To) is { } end
            ? new TimeSplit(from, from, to, testMs, end)
            : throw new InvalidDataException(
                $"the manifest records no separate {Calibration} and {Test} parts; train the bundle again, with --folds of at least 1");

        static long? TryMs(string? day) =>
            DateTimeOffset.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToUnixTimeMilliseconds()
                : null;
    }

    private static LineagePart Part(string name, long fromMs, long toMs, TrainingMatrix rows) =>
        new(name, Day(fromMs), Day(toMs), rows.Rows, rows.Frauds);

    private static string Day(long timeMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
