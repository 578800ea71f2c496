using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// The consecutive parts of a log: warm-up (history only), fit, later (calibration, and without folds the stacker), gap (most labels
/// not known yet) and test, which ends where labels are mature. Labels that arrive after the test begins are never trained on.
/// </summary>
/// <remarks>
/// Split by time, not at random: a random split would train on payments made after those it is tested on, with profiles that include
/// them, and report a quality that no model reaches in production. The gap imitates the label delay: a model that goes live today was
/// trained without the labels of the last days. The cost is that the most recent payments are not trained on.
/// </remarks>
/// <param name="FitMs">Start of the fit part, milliseconds since the Unix epoch.</param>
/// <param name="LaterMs">Start of the later part.</param>
/// <param name="GapMs">Start of the gap.</param>
/// <param name="TestMs">Start of the test. The labels known by then are trained on.</param>
/// <param name="EndMs">End of the test, exclusive. Later payments are not used.</param>
internal sealed record TimeSplit(long FitMs, long LaterMs, long GapMs, long TestMs, long EndMs)
{
    private const long Day = MillisecondsPer.Day;

    /// <param name="book">The log's time span.</param>
    /// <param name="maturity">Where the mature labels end.</param>
    /// <param name="warmUpDays">Days at the beginning that only build history.</param>
    /// <param name="gapDays">Days left out before the test.</param>
    /// <param name="testDays">Days at the end, before those with immature labels, that are only tested on.</param>
    /// <param name="laterShare">Share of the remaining days, the latest of them, for the later part.</param>
    /// <exception cref="ArgumentException">Fewer than five days remain between warm-up and gap.</exception>
    public static TimeSplit Cut(LabelBook book, LabelMaturity maturity, int warmUpDays, int gapDays, int testDays, double laterShare)
    {
        var first = book.FirstMs - (book.FirstMs % Day);
        var end = maturity.EndMs;
        var (fit, test) = (first + (warmUpDays * Day), end - (testDays * Day));
        var gap = test - (gapDays * Day);
        if (book.Payments == 0 || gap - fit < 5 * Day)
        {
            throw new ArgumentException(new Fault("--log",
                $"spans {(book.Payments == 0 ? 0 : (maturity.PaymentsEndMs - first) / Day)} days; warm-up ({warmUpDays}), gap ({gapDays}), "
                    + $"test ({testDays}) and days without mature labels ({maturity.ExcludedDays}) leave fewer than 5 to train on")
                .ToString());
        }
        var later = fit + ((long)((gap - fit) / Day * (1 - laterShare)) * Day);
        return new TimeSplit(fit, later, gap, test, end);
    }
}
