using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// How a log is cut by time: warm-up (history only), fit, later (stacker and calibration), gap (labels still on their way), test.
/// Nothing is learned from a label that came after the test begins.
/// </summary>
/// <param name="FitMs">Where fitting begins, milliseconds since the Unix epoch.</param>
/// <param name="LaterMs">Where stacking and calibration begin.</param>
/// <param name="GapMs">Where they end.</param>
/// <param name="TestMs">Where the test begins: all labels known by then are used.</param>
internal sealed record TimeSplit(long FitMs, long LaterMs, long GapMs, long TestMs)
{
    private const long Day = MillisecondsPer.Day;

    /// <summary>Cuts a log's span.</summary>
    /// <param name="book">The log's span.</param>
    /// <param name="warmUpDays">Days that only make history.</param>
    /// <param name="gapDays">Days before the test whose labels are mostly not known yet.</param>
    /// <param name="testDays">Days at the end that are only tested on.</param>
    /// <param name="laterShare">Share of what remains, the latest, for stacker and calibration.</param>
    /// <exception cref="ArgumentException">The log is too short.</exception>
    public static TimeSplit Cut(LabelBook book, int warmUpDays, int gapDays, int testDays, double laterShare)
    {
        var first = book.FirstMs - (book.FirstMs % Day);
        var end = book.LastMs - (book.LastMs % Day) + Day;
        var (fit, test) = (first + (warmUpDays * Day), end - (testDays * Day));
        var gap = test - (gapDays * Day);
        if (book.Payments == 0 || gap - fit < 5 * Day)
        {
            throw new ArgumentException(new Fault("--log",
                $"spans {(book.Payments == 0 ? 0 : (end - first) / Day)} days; "
                    + $"warm-up ({warmUpDays}), gap ({gapDays}) and test ({testDays}) leave less than 5 to learn from").ToString());
        }
        var later = fit + ((long)((gap - fit) / Day * (1 - laterShare)) * Day);
        return new TimeSplit(fit, later, gap, test);
    }
}
