using System.Globalization;
using System.Xml.Linq;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Writes <c>gates.html</c>, the gate report for people: one self-contained file without scripts or external references.</summary>
/// <remarks>
/// Built as an XML tree rather than with a template engine. The tree escapes all text and is well-formed by construction. Fluid templates
/// were tried: a misspelled member renders as nothing, NaN throws (numbers are decimals), and the result was no shorter.
/// </remarks>
internal static class GateReportHtml
{
    public const string FileName = "gates.html";

    // Defence in depth: the browser loads nothing even if unescaped text gets into the page.
    private const string LoadNothing = "default-src 'none'; style-src 'unsafe-inline'";

    public static string Write(GateReport report)
    {
        var title = $"Gate report: {NameOf(report.Challenger.Manifest.Id)}";
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", LoadNothing)),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", title), new XElement("style", ReportStyle.Css)),
            new XElement("body", Html.Element("main", null,
                Header(report, title), Failures(report), Waivers(report), Gates(report), GateReportSections.Create(report))));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static string NameOf(ModelId model) => $"{model.Name}, version {model.Version}";

    private static XElement Header(GateReport report, string title)
    {
        var waived = report.Count(GateStatus.Waived) > 0;
        var (style, status) = !report.Passed ? ("failed", "failed") : waived ? ("waived", "passed with waivers") : ("passed", "passed");
        var champion = report.Champion is { } held
            ? $"Compared with the champion, {NameOf(held.Manifest.Id)}, on the same payments."
            : "There is no champion: this is the first model.";
        return Html.Element("header", style,
            Html.Element("div", "status", Html.Element("span", $"pill {style}", status)), Html.Element("h1", null, title),
            Html.Element("p", "lead", $"{champion} {(report.Passed ? "It may be promoted." : "It must not be promoted.")}"),
            Html.Element("div", "facts four",
                Fact($"{Days.Text(report.Period.FirstDay)}", $"to {Days.Text(report.Period.LastDay)}"),
                Fact(Html.Count(report.Period.Payments), "payments"), Fact(Html.Count(report.Period.Frauds), "frauds"),
                Fact(Html.Count(report.Period.Cards), "cards"),
                Fact(Html.Count(report.Count(GateStatus.Passed)), "gates passed"),
                Fact(Html.Count(report.Count(GateStatus.Failed)), "failed"),
                Fact(Html.Count(report.Count(GateStatus.Waived)), "waived"),
                Fact(Html.Count(report.Count(GateStatus.NotApplicable)), "not applicable")));
    }

    private static XElement Fact(string value, string name) =>
        Html.Element("div", "fact", Html.Element("b", null, value), Html.Element("span", null, name));

    private static XElement? Failures(GateReport report) => report.Passed ? null : Html.Section("Failed gates",
        "Fix each failure, or have a responsible person waive it (--waive GATE --by NAME --because TEXT).",
        Html.Table(["gate", "value", "limit"], report.Gates.Where(gate => gate.Status == GateStatus.Failed).Select(Row), 1, 2));

    private static XElement? Waivers(GateReport report) => report.Waivers.Count == 0 ? null : Html.Section("Waivers",
        "Gates that are allowed to fail, who allowed it, and why.",
        Html.Table(["gate", "by", "because", ""], report.Waivers.Select(waiver => new object?[]
        {
            Html.Element("code", null, waiver.Gate), waiver.By, waiver.Because,
            report.IsIdle(waiver) ? "not needed: the gate did not fail" : Html.Pill(GateStatus.Waived),
        })));

    private static XElement Gates(GateReport report) => Html.Section("Gates",
        "Each measure on the payments of the period, and its limit.",
        Html.Element("div", "scroll", Html.Element("table", null,
            Html.Element("thead", null, Html.Element("tr", null,
                Html.Element("th", null, "status"), Html.Element("th", "wide", "gate"),
                Html.Element("th", "number", "value"), Html.Element("th", "number", "limit"))),
            Html.Element("tbody", null, report.Gates.GroupBy(gate => gate.Family).Select(family => new object[]
            {
                Html.Element("tr", "family", new XElement("td", new XAttribute("colspan", 4), family.Key)),
                family.Select(gate => Html.Element("tr", null, Html.Element("td", null, Html.Pill(gate.Status)),
                    Row(gate).Select((cell, i) => Html.Element("td", i > 0 ? "number" : null, cell)))),
            })))));

    private static object?[] Row(GateResult gate) =>
    [
        new object[] { Html.Element("code", null, gate.Name), Html.Element("div", "detail", gate.Detail) },
        Html.Number(gate.Value),
        string.Create(CultureInfo.InvariantCulture, $"{(gate.IsAtLeast ? "≥" : "≤")} {Html.Number(gate.Limit)}"),
    ];
}
