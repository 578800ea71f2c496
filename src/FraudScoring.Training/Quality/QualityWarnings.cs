using System.Globalization;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Quality;

/// <summary>Derives the warnings of a quality report from its figures.</summary>
internal static class QualityWarnings
{
    /// <summary>Share of missing values above which a column carries almost no information.</summary>
    public const double MuchMissing = 0.99;

    /// <summary>Population stability index above which drift is commonly called significant.</summary>
    public const double MuchDrift = 0.25;

    /// <summary>
    /// A single column with this average precision or this area under the ROC curve probably leaks the label: in public fraud data sets
    /// the best features reach a third of this precision.
    /// </summary>
    public const double SuspectPrecision = 0.9, SuspectArea = 0.995;

    /// <summary>
    /// So does a column with an average precision of at least <see cref="HighPrecision"/> that is <see cref="FarAbove"/> times that of
    /// the next best column.
    /// </summary>
    public const double FarAbove = 2, HighPrecision = 0.5;

    /// <summary>Severity of the warnings of an import, and of identifiers that are wrong or personal.</summary>
    public const double OfImport = 72, OfIdentifiers = 85;

    private const int FewFrauds = 100;

    /// <summary>The warnings, most important kind first.</summary>
    public static IReadOnlyList<Finding> Find(QualityReport report) =>
        [.. OfLabels(report), .. OfRates(report), .. Leaking(report.Columns), .. Drifting(report.Columns), .. Useless(report.Columns)];

    private static IEnumerable<Finding> OfLabels(QualityReport report)
    {
        if (report.Repeated > 0)
        {
            yield return new(60, Text($"{report.Repeated} payments have the transaction id of an earlier one: ")
                + "history counts it once, training uses every copy; remove the copies from the source");
        }
        if (report.Frauds == 0 || report.Frauds == report.Payments)
        {
            yield return new(100, Text(
                $"{report.Frauds} of {report.Payments} payments are labelled fraud: training needs both classes"));
        }
        else if (report.Frauds < FewFrauds)
        {
            yield return new(65, Text(
                $"payments labelled fraud: {report.Frauds}; with fewer than {FewFrauds}, a model's metrics are mostly chance"));
        }
        if (report.LabelDelayHours is { Least: < 0 })
        {
            yield return new(95, "some labels are dated before their payments: features may contain what was not known at the time");
        }
        else if (report.LabelDelayHours is { Most: 0 })
        {
            yield return new(
                75, "every label is known at the moment of its payment: metrics will be better than in production, where labels lag");
        }
    }

    private static IEnumerable<Finding> OfRates(QualityReport report) =>
        report.PaymentsWithoutRate is { } counts && PaymentsWithoutRate.Warning(counts) is { } warning
            ? [new(60 + (30 * counts.Values.Sum() / (double)Math.Max(1, report.Payments)), warning)] : [];

    private static IEnumerable<Finding> Leaking(IReadOnlyList<ColumnQuality> columns)
    {
        var best = columns.Select(column => column.AveragePrecision ?? 0).OrderDescending().Take(2).ToArray();
        foreach (var column in columns)
        {
            var farAbove = column.AveragePrecision >= HighPrecision && column.AveragePrecision == best[0]
                && best.Length == 2 && best[0] >= FarAbove * best[1];
            if (column.AveragePrecision >= SuspectPrecision || column.AreaUnderRoc >= SuspectArea || farAbove)
            {
                var alone = Text(
                    $"alone it has an average precision of {column.AveragePrecision:0.000} and an AUC of {column.AreaUnderRoc:0.000}");
                yield return new(
                    90, $"{column.Name} may leak the label: {alone}; check that its value is known before the payment is decided");
            }
        }
    }

    private static IEnumerable<Finding> Drifting(IReadOnlyList<ColumnQuality> columns) => columns.Where(column => column.Drift > MuchDrift)
        .OrderByDescending(column => column.Drift)
        .Select(column => new Finding(OfDrift(column.Drift!.Value),
            $"{column.Name} drifts: its population stability index from the first to the last part is "
            + Text($"{column.Drift:0.000} (above {MuchDrift})")));

    /// <summary>40 at the limit, 10 more for each doubling, 69 at most: drift alone does not make a model wrong.</summary>
    private static double OfDrift(double drift) => Math.Min(69, 40 + (10 * Math.Log2(drift / MuchDrift)));

    private static IEnumerable<Finding> Useless(IReadOnlyList<ColumnQuality> columns)
    {
        // A payment field that is never filled is not in use. A field that almost never is, or a feature that never is, may be a mistake.
        var missing = columns.Where(column => column.Missing > MuchMissing && (column.Missing < 1 || !IsField(column)))
            .Select(column => column.Name).ToList();
        if (missing.Count > 0)
        {
            yield return new(30, Text($"missing in more than {100 * MuchMissing:0} % of rows: {string.Join(", ", missing)}"));
        }
        var constant = columns.Where(column => column.Constant && !IsField(column)).Select(column => column.Name).ToList();
        if (constant.Count > 0)
        {
            yield return new(25, $"the same in every row, so a model learns nothing from it: {string.Join(", ", constant)}");
        }
    }

    private static bool IsField(ColumnQuality column) => column.Name.StartsWith("payment.", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
