using System.Globalization;
using System.Xml.Linq;
using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Writes <c>gates.html</c>, the gate report for people: one self-contained file without scripts or external references.</summary>
/// <remarks>
/// Built as an XML tree rather than with a template engine. The tree escapes all text and is well-formed by construction. Fluid templates
/// were tried: a misspelled member renders as nothing, NaN throws (numbers are decimals), and the result was no shorter.
/// </remarks>
internal static class GateReportHtml
{
    public const string FileName = "gates.html";

    public static string Write(GateReport report)
    {
        var title = $"Gate report: {NameOf(report.Challenger.Manifest.Id)}";
        return Html.Page(
            title, Header(report, title), Failures(report), Waivers(report), Gates(report), GateReportSections.Create(report));
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
            Html.Element("p", "lead", report.Period.Maturity.Describe()),
            Html.Element("div", "facts four",
                Html.Fact($"{Days.Text(report.Period.FirstDay)}", $"to {Days.Text(report.Period.LastDay)}"),
                Html.Fact(Html.Count(report.Period.Payments), "payments"), Html.Fact(Html.Count(report.Period.Frauds), "frauds"),
                Html.Fact(Html.Count(report.Period.Cards), "cards"),
                Html.Fact(Html.Count(report.Count(GateStatus.Passed)), "gates passed"),
                Html.Fact(Html.Count(report.Count(GateStatus.Failed)), "failed"),
                Html.Fact(Html.Count(report.Count(GateStatus.Waived)), "waived"),
                Html.Fact(Html.Count(report.Count(GateStatus.NotApplicable)), "not applicable")));
    }

    private static XElement? Failures(GateReport report) => report.Passed ? null : Html.Section("Failed gates",
        "Fix each failure, or have a responsible person waive it (--waive GATE --by NAME --because TEXT).",
        Html.Table(["gate", "value", "limit"], report.Gates.Where(gate => gate.Status == GateStatus.Failed).Select(Row), 1, 2));

    private static XElement? Waivers(GateReport report) => report.Waivers.Count == 0 ? null : Html.Section("Waivers",
        "Gates that are allowed to fail, who allowed it, and why.",
        Html.Table(["gate", "by", "because", ""], report.Waivers.Select(waiver => new object?[]
        {
            Html.Element("code", null, waiver.Gate), waiver.By, waiver.Because,
            report.IsIdle(waiver) ? "not needed: the gate did not fail" : GatePill.Create(GateStatus.Waived),
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
                family.Select(gate => Html.Element("tr", null, Html.Element("td", null, GatePill.Create(gate.Status)),
                    Row(gate).Select((cell, i) => Html.Element("td", i > 0 ? "number" : null, cell)))),
            })))));

    private static object?[] Row(GateResult gate) =>
    [
        new object[] { Html.Element("code", null, gate.Name), Html.Element("div", "detail", gate.Detail) },
        Html.Number(gate.Value),
        string.Create(CultureInfo.InvariantCulture, $"{(gate.IsAtLeast ? "≥" : "≤")} {Html.Number(gate.Limit)}"),
    ];
}
