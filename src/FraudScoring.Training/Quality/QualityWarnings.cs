using System.Globalization;

namespace FraudScoring.Training.Quality;

/// <summary>What of a report is worth a warning, and why.</summary>
internal static class QualityWarnings
{
    /// <summary>Above this share of missing values a column says next to nothing.</summary>
    public const double MuchMissing = 0.99;

    /// <summary>A population stability index above this is called much drift by those who use it.</summary>
    public const double MuchDrift = 0.25;

    /// <summary>
    /// A column is too good to be true when alone it has this average precision or more, or ranks frauds this well: the best features
    /// of the field's public benchmark reach a third of the first.
    /// </summary>
    public const double SuspectPrecision = 0.9, SuspectArea = 0.995;

    /// <summary>It is so too when alone it has half the highest average precision, and this many times that of the next best column.</summary>
    public const double FarAbove = 2, HighPrecision = 0.5;

    private const int FewFrauds = 100;

    /// <summary>The warnings, the most important first.</summary>
    public static IReadOnlyList<string> Find(QualityReport report) =>
        [.. OfLabels(report), .. Leaking(report.Columns), .. Drifting(report.Columns), .. Useless(report.Columns)];

    private static IEnumerable<string> OfLabels(QualityReport report)
    {
        if (report.Repeated > 0)
        {
            yield return Text($"{report.Repeated} payments have the transaction id of an earlier one: each counts once in history, but is learned from again");
        }
        if (report.Frauds == 0 || report.Frauds == report.Payments)
        {
            yield return Text($"{report.Frauds} of {report.Payments} payments are labelled fraud: there is nothing to tell apart");
        }
        else if (report.Frauds < FewFrauds)
        {
            yield return Text($"only {report.Frauds} payments are labelled fraud: too few to judge a model by; {FewFrauds} are few");
        }
        if (report.LabelDelayHours is { Least: < 0 })
        {
            yield return "there are labels from before their payments: they may tell what could not be known";
        }
        else if (report.LabelDelayHours is { Most: 0 })
        {
            yield return "every label is known at the moment of its payment: figures will be better than they can be in service";
        }
    }

    private static IEnumerable<string> Leaking(IReadOnlyList<ColumnQuality> columns)
    {
        var best = columns.Select(column => column.AveragePrecision ?? 0).OrderDescending().Take(2).ToArray();
        foreach (var column in columns)
        {
            var farAbove = column.AveragePrecision >= HighPrecision && column.AveragePrecision == best[0] && best.Length == 2 && best[0] >= FarAbove * best[1];
            if (column.AveragePrecision >= SuspectPrecision || column.AreaUnderRoc >= SuspectArea || farAbove)
            {
                var alone = Text($"alone it has an average precision of {column.AveragePrecision:0.000} and an AUC of {column.AreaUnderRoc:0.000}");
                yield return $"{column.Name} is too good to be true: {alone}; make sure that it is known before the payment is decided";
            }
        }
    }

    private static IEnumerable<string> Drifting(IReadOnlyList<ColumnQuality> columns) => columns.Where(column => column.Drift > MuchDrift)
        .OrderByDescending(column => column.Drift)
        .Select(column => Text(
            $"{column.Name} drifts: its population stability index from the first to the last part is {column.Drift:0.00} (over {MuchDrift})"));

    private static IEnumerable<string> Useless(IReadOnlyList<ColumnQuality> columns)
    {
        // A payment field that nobody fills is no fault; a feature, or a field that is nearly never filled, may be one.
        var missing = columns.Where(column => column.Missing > MuchMissing && (column.Missing < 1 || !IsField(column))).Select(column => column.Name).ToList();
        if (missing.Count > 0)
        {
            yield return Text($"missing in more than {100 * MuchMissing:0} % of rows: {string.Join(", ", missing)}");
        }
        var constant = columns.Where(column => column.Constant && !IsField(column)).Select(column => column.Name).ToList();
        if (constant.Count > 0)
        {
            yield return $"the same in every row, so nothing is learned from it: {string.Join(", ", constant)}";
        }
    }

    private static bool IsField(ColumnQuality column) => column.Name.StartsWith("payment.", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
