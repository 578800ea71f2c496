using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Datasets;

/// <summary>Puts down which payments a model learned from.</summary>
internal static class Lineage
{
    private const string Calibration = "calibration";
    private const string Test = "test";
    private const double HourMs = MillisecondsPer.Hour;

    /// <summary>The record for a manifest.</summary>
    /// <param name="command">The command, with its options.</param>
    /// <param name="log">The event log.</param>
    /// <param name="book">Its labels and its span.</param>
    /// <param name="split">How it was cut.</param>
    /// <param name="history">Its rows.</param>
    /// <param name="folds">Folds within the fit part, which the stacker learned from; without them it learned from the later part.</param>
    public static TrainingLineage Create(string command, string log, LabelBook book, TimeSplit split, ReplayedHistory history, int folds)
    {
        const long day = MillisecondsPer.Day;
        return new TrainingLineage(
            command, Path.GetFileName(log), EventLogReader.Hash(log), Day(book.FirstMs), Day(book.LastMs), book.Payments, Day(split.TestMs),
            Math.Round(book.MedianFraudDelayMs / HourMs, 1),
            [
                new LineagePart("warm-up, history alone", Day(book.FirstMs), Day(split.FitMs), 0, 0),
                Part("fit", split.FitMs, split.LaterMs, history.Fit),
                Part(folds > 0 ? Calibration : "stacking and calibration", split.LaterMs, split.GapMs, history.Later),
                new LineagePart("gap, history alone", Day(split.GapMs), Day(split.TestMs), 0, 0),
                Part(Test, split.TestMs, book.LastMs + day, history.Test),
            ]);
    }

    /// <summary>
    /// The split a record tells of, without what the members learned from: to look again at the payments that calibration learned from and
    /// at those that were tested on.
    /// </summary>
    /// <exception cref="InvalidDataException">It tells of no such parts.</exception>
    public static TimeSplit SplitOf(TrainingLineage lineage)
    {
        var later = lineage.Parts.FirstOrDefault(part => part.Name == Calibration);
        var test = lineage.Parts.FirstOrDefault(part => part.Name == Test);
        return TryMs(later?.From) is { } from && TryMs(later?.To) is { } to && TryMs(test?.From) is { } testMs
            ? new TimeSplit(from, from, to, testMs)
            : throw new InvalidDataException($"the manifest names no payments for {Calibration} alone and for {Test}; train the bundle again, with --folds");

        static long? TryMs(string? day) => DateTimeOffset.TryParseExact(
            day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds() : null;
    }

    private static LineagePart Part(string name, long fromMs, long toMs, TrainingMatrix rows) => new(name, Day(fromMs), Day(toMs), rows.Rows, rows.Frauds);

    private static string Day(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
