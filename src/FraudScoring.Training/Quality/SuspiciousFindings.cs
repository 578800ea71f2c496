using System.Globalization;

namespace FraudScoring.Training.Quality;

/// <summary>Ranks everything that is suspicious about a log: the warnings, the rejected rows, and the shape of the log.</summary>
internal static class SuspiciousFindings
{
    // Shorter logs have no usual day to compare with, smaller ones no usual entity.
    private const int FewestDays = 14, FewestPayments = 1_000;
    private const double Spike = 5, MuchOfOne = 0.05, FewFrauds = 0.5;

    /// <summary>All findings, the gravest first.</summary>
    /// <param name="report">The log.</param>
    /// <param name="rows">Number of rows that were imported or rejected; 0 if none were imported.</param>
    /// <param name="rejectedRows">Number of rejected rows.</param>
    /// <param name="rejected">The reasons, most frequent first.</param>
    public static IReadOnlyList<Finding> Rank(QualityReport report, long rows, long rejectedRows, IReadOnlyList<RejectedRows> rejected)
    {
        Finding[] findings =
        [
            .. report.Findings, .. OfRejected(rows, rejectedRows, rejected), .. OfDays(report.Shape), .. OfEntities(report),
        ];
        return [.. findings.OrderByDescending(finding => finding.Severity)];
    }

    private static IEnumerable<Finding> OfRejected(long rows, long rejectedRows, IReadOnlyList<RejectedRows> rejected)
    {
        if (rejectedRows > 0 && rejected.Count > 0)
        {
            var share = rejectedRows / (double)Math.Max(1, rows);
            var column = rejected[0].Column.Length == 0 ? "" : $" (column {rejected[0].Column})";
            yield return new Finding(45 + Math.Min(45, 450 * share), Text($"{rejectedRows:#,0} of {rows:#,0} rows were rejected, ")
                + Text($"{100 * share:0.##} %; the most frequent reason: {rejected[0].Reason}{column}, {rejected[0].Rows:#,0} rows"));
        }
    }

    private static IEnumerable<Finding> OfDays(LogShape shape)
    {
        var days = shape.Days;
        if (days.Count < FewestDays)
        {
            yield break;
        }
        var empty = days[^1].Day - days[0].Day + 1 - days.Count;
        if (empty > 0)
        {
            var (before, after) = days.Zip(days.Skip(1)).MaxBy(pair => pair.Second.Day - pair.First.Day);
            var share = empty / (double)(empty + days.Count);
            yield return new Finding(50 + Math.Min(30, 100 * share), Text($"{empty:#,0} days have no payments; the longest gap is between ")
                + $"{Date(before.Day)} and {Date(after.Day)}: files may be missing, or times may be read wrongly");
        }
        var usual = days.Select(day => day.Payments).Order().ElementAt(days.Count / 2);
        var busiest = days.MaxBy(day => day.Payments);
        if (busiest.Payments > Spike * usual)
        {
            yield return new Finding(48, Text($"{Date(busiest.Day)} has {busiest.Payments:#,0} payments, ")
                + Text($"{busiest.Payments / (double)usual:0.#} times as many as a usual day: check for repeated or default times"));
        }
        // The last fifth against the rest.
        var late = days.Skip(days.Count * 4 / 5).ToArray();
        var early = days.Take(days.Count * 4 / 5).ToArray();
        double lateRate = Rate(late), earlyRate = Rate(early);
        if (early.Sum(day => day.Frauds) >= ColumnQuality.FewestFrauds && lateRate < FewFrauds * earlyRate)
        {
            yield return new Finding(62, Text($"the share of frauds falls from {100 * earlyRate:0.###} % to {100 * lateRate:0.###} % ")
                + $"from {Date(late[0].Day)} on: labels of the last days may not have arrived yet; leave them out of the test");
        }
    }

    private static IEnumerable<Finding> OfEntities(QualityReport report) => report.Shape.Entities
        .Where(kind => report.Payments >= FewestPayments && kind.Name != "merchant" && kind.Entities > 1 && kind.LargestShare > MuchOfOne)
        .Select(kind => new Finding(50 + (40 * kind.LargestShare), Text(
            $"one {kind.Name} has {100 * kind.LargestShare:0.#} % of the payments: it may be a placeholder for a missing value")));

    private static double Rate(DayCount[] days) => days.Sum(day => day.Frauds) / (double)Math.Max(1, days.Sum(day => day.Payments));

    /// <summary>A day since the Unix epoch in ISO format. Days beyond the calendar stay numbers.</summary>
    public static string Date(long day)
    {
        var number = day + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return number >= 0 && number <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)number).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : Text($"day {day}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
