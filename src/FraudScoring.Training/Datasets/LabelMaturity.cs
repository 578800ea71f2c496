using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Until which day the labels of a log are mature: until when the share of frauds that are labelled by the end of the log is large enough
/// to test on.
/// </summary>
/// <remarks>
/// The last days of a log look nearly free of fraud, because most of their frauds are not reported yet. A test on them counts detected
/// frauds as false positives, in favour of models that detect less. How long labels take is estimated from the log itself
/// (<see cref="TruncatedDelays"/>), not configured: a fixed number of days would be wrong for the next source of labels. Only the first
/// label that reports a fraud counts; labels of legitimate payments say nothing about how late frauds are reported. Days are whole, and
/// the log ends with the day (UTC) of its last payment or label.
/// </remarks>
/// <param name="Share">Share of frauds that must be labelled, 0 to 1; 0 leaves nothing out.</param>
/// <param name="Labels">Number of frauds with a label.</param>
/// <param name="DelayMs">Time within which that share is labelled, in milliseconds; null if it cannot be estimated.</param>
/// <param name="EndMs">End of the mature days, exclusive, milliseconds since the Unix epoch.</param>
/// <param name="PaymentsEndMs">End of the day of the last payment, likewise.</param>
internal sealed record LabelMaturity(double Share, int Labels, long? DelayMs, long EndMs, long PaymentsEndMs)
{
    /// <summary>The default of <see cref="Share"/>.</summary>
    public const double DefaultShare = 0.95;

    private const long Day = MillisecondsPer.Day;

    /// <summary>Number of days that are left out, the last of the log.</summary>
    public int ExcludedDays => (int)((PaymentsEndMs - EndMs) / Day);

    /// <summary>First day that is left out; null for none.</summary>
    public string? ExcludedFrom => ExcludedDays == 0 ? null : DayOf(EndMs);

    /// <summary>Last day that is left out; null for none.</summary>
    public string? ExcludedTo => ExcludedDays == 0 ? null : DayOf(PaymentsEndMs - Day);

    /// <summary>Estimates the delay of a log's labels.</summary>
    /// <param name="book">The labels and the time span of the log.</param>
    /// <param name="share">Share of frauds that must be labelled, 0 to less than 1.</param>
    public static LabelMaturity Estimate(LabelBook book, double share)
    {
        var paymentsEnd = EndOfDay(book.LastMs);
        var delays = book.FraudDelays;
        if (book.Payments == 0 || share <= 0 || delays.Count < TruncatedDelays.LeastObservations)
        {
            return new LabelMaturity(share, delays.Count, null, paymentsEnd, paymentsEnd);
        }
        var logEnd = EndOfDay(Math.Max(book.LastMs, book.LastLabelMs));
        var delay = TruncatedDelays.Estimate(
            [.. delays.Select(label => Math.Max(0, label.DelayMs))], [.. delays.Select(label => logEnd - label.PaidMs)]).Quantile(share);
        var mature = logEnd - delay;
        return new LabelMaturity(share, delays.Count, delay, Math.Min(mature - (mature % Day), paymentsEnd), paymentsEnd);
    }

    /// <summary>How long labels take and which days are left out, as one sentence.</summary>
    public string Describe()
    {
        if (Share <= 0)
        {
            return "Days with immature labels were not left out (--mature-share 0).";
        }
        if (DelayMs is not { } delay)
        {
            return Text($"{Labels} frauds have labels, too few to estimate how long labels take ")
                + Text($"({TruncatedDelays.LeastObservations} needed): no days are left out.");
        }
        var days = delay / (double)Day;
        var known = Text($"{100 * Share:0.#} % of the frauds are labelled within ")
            + (days >= 1 || delay == 0 ? Text($"{days:0.#} days") : Text($"{days * 24:0.#} hours"));
        return ExcludedDays switch
        {
            0 => $"{known}: the labels of all days are mature.",
            1 => $"{known}: {ExcludedFrom} is left out, because its labels are not mature.",
            _ => Text($"{known}: {ExcludedDays} days, {ExcludedFrom} to {ExcludedTo}, are left out, because their labels are not mature."),
        };
    }

    private static long EndOfDay(long timeMs) => timeMs - (timeMs % Day) + Day;

    private static string DayOf(long timeMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
