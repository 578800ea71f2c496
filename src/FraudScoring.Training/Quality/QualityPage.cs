using System.Globalization;
using System.Text;
using System.Xml.Linq;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Quality;

/// <summary>The quality report for people: one self-contained HTML file, with the most suspicious findings first.</summary>
/// <remarks>
/// The page holds no value of an identifier, and no more than some bars and rows per plot and table, so that its size does not depend on
/// that of the log. Equal logs give equal bytes.
/// </remarks>
/// <param name="Name">What is reported on, such as a file or a model.</param>
/// <param name="Report">The log.</param>
internal sealed record QualityPage(string Name, QualityReport Report)
{
    /// <summary>Name of the page in a bundle's folder.</summary>
    public const string FileName = "quality.html";

    private const int Foremost = 3, MostWarnings = 100, MostReasons = 50, MostColumns = 400;

    // Below it, a bar would be written as 0.
    private const double LeastDrift = 0.0005;

    /// <summary>Number of rows that an import read; 0 if the log was not imported now.</summary>
    public long Rows { get; init; }

    /// <summary>Number of rows that it rejected.</summary>
    public long RejectedRows { get; init; }

    /// <summary>Why, most frequent reason first.</summary>
    public IReadOnlyList<RejectedRows> Rejected { get; init; } = [];

    /// <summary>Writes the page, atomically.</summary>
    public void Write(string path)
    {
        using var file = new PartialFile(path);
        file.Stream.Write(ToBytes());
        file.Complete();
    }

    public byte[] ToBytes()
    {
        var title = $"Data quality: {SafeText.Clean(Name)}";
        Finding[] findings = [.. SuspiciousFindings.Rank(Report, Rows, RejectedRows, Rejected)
            .Select(finding => finding with { Text = SafeText.Clean(finding.Text) })];
        return Encoding.UTF8.GetBytes(Html.Page(
            title, Header(title, findings), Time(), Values(), Entities(), RejectedSection(), Others(findings), Columns()));
    }

    private XElement Header(string title, Finding[] findings)
    {
        var foremost = findings.Take(Foremost).ToArray();
        var style = foremost.Length == 0 ? "passed" : foremost[0].Severity >= Finding.Grave ? "failed" : "waived";
        var lead = foremost.Length switch
        {
            0 => "Nothing is suspicious.",
            1 => "One finding to check. Nothing else is suspicious.",
            2 => "Two findings to check. Nothing else is suspicious.",
            _ => findings.Length == Foremost ? "Three findings to check. Nothing else is suspicious."
                : Text($"The three most suspicious of {findings.Length} findings; the others are below."),
        };
        var days = Report.Shape.Days;
        return Html.Element("header", style, Html.Element("h1", null, title), Html.Element("p", "lead", lead),
            foremost.Length == 0 ? null : Html.Element("ol", "findings", foremost.Select(finding =>
                Html.Element("li", finding.Severity >= Finding.Grave ? "grave" : null,
                    Html.Element("span", null, Sentence(finding.Text))))),
            Html.Element("div", "facts",
                Html.Fact(Html.Count(Report.Payments), "payments"), Html.Fact(Html.Count(Report.Frauds), FraudShare()),
                Html.Fact(Html.Count(Report.Labels), "labels"),
                days.Count == 0 ? null : Html.Fact(SuspiciousFindings.Date(days[0].Day), $"to {SuspiciousFindings.Date(days[^1].Day)}"),
                Rows == 0 ? null : Html.Fact(Html.Count(RejectedRows), Text($"of {Rows:#,0} rows rejected"))));
    }

    private string FraudShare() => $"frauds, {Html.Percent(Report.Frauds / (double)Math.Max(1, Report.Payments), 3)}";

    private XElement? Time()
    {
        var (shape, delay) = (Report.Shape, Report.LabelDelayHours);
        if (shape.Days.Count == 0)
        {
            return null;
        }
        var left = shape.PaymentsOfOtherDays == 0 ? ""
            : Text($" {shape.PaymentsOfOtherDays:#,0} payments are of further days than the {DayCounts.MostDays:#,0} that are counted.");
        return Html.Section("Time",
            "Days are in UTC. A gap is a missing file or a wrong time zone; frauds that fade at the end are labels that have not arrived."
                + left,
            Html.Element("div", "plots",
                QualityPlots.Days("Payments by day", "payments", shape.Days, day => day.Payments, PageStyle.Accent),
                Report.Frauds == 0 ? null
                    : QualityPlots.Days("Frauds by day of payment", "frauds", shape.Days, day => day.Frauds, PageStyle.Bad),
                shape.DelayHours.Count == 0 ? null : QualityPlots.LabelDelays(shape.DelayHours)),
            delay is null ? null : Html.Element("p", "detail", Text($"Label delay in hours: minimum {delay.Least:0.#}, ")
                + Text($"10 % {delay.Tenth:0.#}, median {delay.Median:0.#}, 90 % {delay.NineTenths:0.#}, maximum {delay.Most:0.#}.")));
    }

    private XElement? Values()
    {
        var missing = Report.Columns.Where(column => column.Missing > 0)
            .Select(column => (SafeText.Clean(column.Name), 100 * column.Missing)).ToArray();
        var drift = Report.Columns.Where(column => column.Drift >= LeastDrift)
            .Select(column => (SafeText.Clean(column.Name), column.Drift!.Value)).ToArray();
        var amounts = Report.Shape.Amounts;
        var zero = amounts.Count(amount => amount <= 0);
        var note = (Report.Shape.Currencies > 1 ? Text($"{Report.Shape.Currencies} currencies, not converted. ") : "")
            + (zero == 0 ? "" : Text($"{100.0 * zero / amounts.Count:0.##} % are 0 and not drawn"));
        return Report.Columns.Count == 0 ? null : Html.Section("Values",
            "Drift compares the first part of the log with the last: the population stability index, above 0.25 a warning.",
            Html.Element("div", "plots",
                amounts.Count == 0 ? null : QualityPlots.Amounts(amounts, note.Trim()),
                missing.Length == 0 ? null : QualityPlots.Fields("Missing values by field", missing, " %"),
                drift.Length == 0 ? null : QualityPlots.Fields("Drift by field", drift, "", QualityWarnings.MuchDrift)),
            missing.Length > 0 ? null : Html.Element("p", "detail", "No field has missing values."),
            drift.Length > 0 ? null : Html.Element("p", "detail", "No field drifts."));
    }

    private XElement? Entities() => Report.Shape.Entities.Count == 0 ? null : Html.Section("Entities",
        "History helps where entities return. One that has far more payments than the others may stand for a missing value.",
        Html.Element("div", "plots", Report.Shape.Entities.Select(QualityPlots.Sizes)));

    private XElement? RejectedSection()
    {
        if (Rows == 0)
        {
            return null;
        }
        if (RejectedRows == 0)
        {
            return Html.Section("Rejected rows", Text($"All {Rows:#,0} rows are valid."));
        }
        var shown = Rejected.Take(MostReasons).Select(reason => reason with
        {
            Column = SafeText.Clean(reason.Column),
            Reason = SafeText.Clean(reason.Reason),
        }).ToArray();
        var left = Rejected.Count - shown.Length;
        return Html.Section("Rejected rows", Text($"{RejectedRows:#,0} of {Rows:#,0} rows. A row with several faults counts for each."),
            Html.Element("div", "plots", QualityPlots.Fields(
                "Rejected rows by reason", [.. shown.Select(reason => (reason.Reason, (double)reason.Rows))], "")),
            Html.Table(["reason", "column", "rows", "examples"], shown.Select(reason => new object?[]
            {
                reason.Reason, reason.Column, Html.Count(reason.Rows), SafeText.Clean(string.Join(", ", reason.Examples)),
            }), 2),
            left == 0 ? null : Html.Element("p", "detail", Text($"{left:#,0} further reasons are not listed.")));
    }

    private static XElement? Others(Finding[] findings)
    {
        var others = findings.Skip(Foremost).ToArray();
        var left = others.Length - MostWarnings;
        return others.Length == 0 ? null : Html.Section("Further findings", "The most severe first.",
            Html.Element("ul", null, others.Take(MostWarnings).Select(finding => Html.Element("li", null, Sentence(finding.Text)))),
            left <= 0 ? null : Html.Element("p", "detail", Text($"{left:#,0} further findings are not listed.")));
    }

    private XElement? Columns()
    {
        var left = Report.Columns.Count - MostColumns;
        return Report.Columns.Count == 0 ? null : Html.Section("All fields",
            "AUC and AP (average precision) are those of the field as the only score. One that is almost perfect leaks the label.",
            Html.Table(["field", "missing", "drift (PSI)", "AUC", "AP"], Report.Columns.Take(MostColumns).Select(column => new object?[]
            {
                SafeText.Clean(column.Name) + (column.Constant ? " (constant)" : ""), Html.Percent(column.Missing, 1),
                Figure(column.Drift), Figure(column.AreaUnderRoc), Figure(column.AveragePrecision),
            }), 1, 2, 3, 4),
            left <= 0 ? null : Html.Element("p", "detail", Text($"{left:#,0} further fields are in the JSON report.")));
    }

    /// <summary>Warnings begin in lower case for the console. Field names keep theirs.</summary>
    private static string Sentence(string text) =>
        (text.IndexOfAny(['.', '_']) is >= 0 and var at && at < text.IndexOf(' ', StringComparison.Ordinal) ? text
            : char.ToUpperInvariant(text[0]) + text[1..]) + (text.EndsWith('.') ? "" : ".");

    private static string Figure(double? figure) => figure?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
