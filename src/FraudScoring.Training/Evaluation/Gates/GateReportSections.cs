using System.Globalization;
using System.Xml.Linq;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Export;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The evidence sections of the HTML report, one per gate family.</summary>
internal static class GateReportSections
{
    private const int MostGroups = 40;

    public static IEnumerable<XElement?> Create(GateReport report) =>
        [Quality(report), Calibration(report), Stability(report), Robustness(report),
            .. report.Fairness.Select(s => Fairness(s, report.Settings.Fairness)), Latency(report), Origin(report)];

    private static XElement Quality(GateReport report)
    {
        var names = report.Models[0].Evaluation.Metrics.Keys.Where(name => name is not ("payments" or "frauds"));
        var settings = report.Settings.Quality;
        return Html.Section("Quality", "Ranking quality on payments later than the training data, by their last labels in the log.",
            Html.Table(["metric", .. report.Models.Select(model => model.Slot)],
                names.Select(name => (object?[])
                [
                    Html.Element("code", null, name), .. report.Models.Select(m => (object)Html.Number(m.Evaluation.Metrics[name])),
                ]), 1, 2),
            Html.Element("div", "plots",
                GatePlots.PrecisionRecall(report.Models),
                report.Differences is not { } differences ? null : new object[]
                {
                    GatePlots.Difference("average precision", differences.AveragePrecision, settings.AveragePrecisionTolerance),
                    GatePlots.Difference("AUC", differences.Auc, settings.AucTolerance),
                }),
            Html.Element("h3", null, "Decisions at the challenger's thresholds"),
            Html.Table([.. OperatingCells.Heads],
                report.Models[0].Operating.Select(row => OperatingCells.Create(row).Cast<object?>().ToArray()),
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    }

    private static XElement Calibration(GateReport report) => Html.Section("Calibration",
        "Of the payments with a probability of 30 %, 30 % should be frauds: the intervals of the dots should include the dashed line.",
        Html.Element("div", "plots", GatePlots.Reliability(report.Models)),
        Html.Table(["challenger", "payments", "frauds observed", "expected", "observed / expected", "interval"],
            [Ratio("all", report.Calibration.Overall), Ratio("highest scores", report.Calibration.Tail)], 1, 2, 3, 4, 5),
        Html.Element("h3", null, "Bins of equally many payments, highest probabilities first"),
        Html.Table(["bin", "payments", "mean probability", "share of frauds"], report.Calibration.Bins.Select((bin, i) => new object?[]
        {
            Html.Count(i + 1), Html.Count(bin.Rows), Html.Percent(bin.MeanProbability, 3), Html.Percent(bin.FraudShare, 3),
        }), 0, 1, 2, 3));

    private static object?[] Ratio(string name, ObservedToExpected ratio) =>
    [
        name, Html.Count(ratio.Payments), Html.Count(ratio.Observed), Html.Number(ratio.Expected), Html.Number(ratio.Ratio),
        $"{Html.Number(ratio.Low)} – {Html.Number(ratio.High)}",
    ];

    private static XElement Stability(GateReport report) => Html.Section("Stability over time",
        "The challenger on consecutive parts of the period. Folds with too few frauds are shown in grey and do not count.",
        Html.Element("div", "plots", GatePlots.Folds(report.Folds, report.Settings.Stability)),
        Table(["fold", "payments", "frauds", "average precision", "AUC", "observed / expected"],
            report.Folds.Select(fold => (fold.Counts, new object?[]
            {
                $"{Days.Text(fold.FirstDay)} to {Days.Text(fold.LastDay)}", Html.Count(fold.Payments), Html.Count(fold.Frauds),
                Html.Number(fold.AveragePrecision), Html.Number(fold.Auc), Html.Number(fold.Calibration.Ratio),
            }))));

    private static XElement Robustness(GateReport report) => Html.Section("Robustness",
        "The same payments scored again with one change. Without an entity's history some frauds can no longer be detected; "
            + "the limits bound how many.",
        report.Robustness.All(run => run.Moves is null) ? null : Html.Element("div", "plots",
            GatePlots.Moves("Share of decisions that change, with the limit", report.Robustness, report.Settings.Robustness,
                m => m.DecisionsChanged, l => l.DecisionsChangedAtMost),
            GatePlots.Moves("Share of flagged payments that are approved, with the limit", report.Robustness, report.Settings.Robustness,
                m => m.FlagsLost, l => l.FlagsLostAtMost)),
        Html.Table(["change", "", "decisions changed", "flags lost", "flags added", "mean move", "largest move"],
            report.Robustness.Select(run => new object?[] { run.Kind.Replace('_', ' '), run.Change }.Concat(Cells(run.Moves)).ToArray()),
            2, 3, 4, 5, 6));

    private static object?[] Cells(ScoreMoves? moves) => moves is null ? ["no unseen value", "", "", "", ""] :
    [
        Html.Percent(moves.DecisionsChanged, 3), Html.Percent(moves.FlagsLost, 1), Html.Percent(moves.FlagsAdded, 3),
        Html.Number(moves.MeanMove), Html.Number(moves.LargestMove),
    ];

    private static XElement Fairness(FairnessSegment segment, FairnessSettings settings)
    {
        var flagged = SnakeCase.Convert(settings.FlaggedFrom);
        var explanation = string.Create(CultureInfo.InvariantCulture,
            $"Groups by {segment.Field}. Flagged means {flagged} or stricter; all other payments count as approved. "
                + $"Groups of fewer than {settings.PaymentsAtLeast:#,0} payments are grey in the table and do not count. "
                + $"Measures on frauds need {settings.FraudsAtLeast:#,0} frauds as well. Intervals are 95 % Wilson intervals.");
        FairnessGroup[] shown = [.. segment.Groups.Take(MostGroups)], counted = [.. shown.Where(group => group.Counts)];
        return Html.Section($"Fairness by {segment.Field}", explanation, Ratios(segment),
            counted.Length == 0 ? null : Html.Element("div", "plots",
                GatePlots.Groups("Share of legitimate payments flagged (false-positive rate)", counted,
                    g => g.FalsePositiveRate, g => g.FalsePositiveInterval),
                GatePlots.Groups("Share of payments approved", counted, g => g.ApprovedRate, g => g.ApprovedInterval)),
            Table([
                "group", "payments", "frauds", "approved", "false positives", "95 % interval", "frauds flagged", "mean probability",
                "share of frauds", "observed / expected",
            ],
                shown.Select(group => (group.Counts, Row(group)))),
            segment.Groups.Count > MostGroups
                ? Html.Element("p", "detail", $"gates.json lists {segment.Groups.Count - MostGroups} more, smaller groups") : null);
    }

    private static XElement Ratios(FairnessSegment segment) => Html.Element("div", "facts",
        Fact("approved: lowest / highest", Html.Number(FairnessMetrics.ParityRatioOfApproved(segment.Counted))),
        Fact("flagged: lowest / highest", Html.Number(FairnessMetrics.ParityRatioOfFlagged(segment.Counted))),
        Fact("equal-opportunity difference", Html.Number(FairnessMetrics.EqualOpportunityDifference(segment.CountedFrauds))),
        Fact("false-positive difference", Html.Number(FairnessMetrics.FalsePositiveRateDifference(segment.Counted))),
        Fact("equalized-odds difference", Html.Number(FairnessMetrics.EqualizedOddsDifference(segment.CountedFrauds))));

    private static XElement Fact(string name, string value) =>
        Html.Element("div", "fact", Html.Element("b", null, value), Html.Element("span", null, name));

    private static object?[] Row(FairnessGroup group)
    {
        var (outcomes, interval) = (group.Outcomes, group.Outcomes.FalsePositiveInterval);
        return
        [
            group.Name, Html.Count(outcomes.Count), Html.Count(outcomes.Frauds), Html.Percent(outcomes.ApprovedRate),
            Html.Percent(outcomes.FalsePositiveRate, 3), $"{Html.Percent(interval.Low, 3)} – {Html.Percent(interval.High, 3)}",
            Html.Percent(outcomes.TruePositiveRate, 1), Html.Percent(group.MeanProbability, 3), Html.Percent(outcomes.FraudShare, 3),
            Html.Number(group.Calibration.Ratio),
        ];
    }

    private static XElement? Latency(GateReport report) => report.Latency is not { } race ? null : Html.Section("Latency",
        "One payment at a time, alternating between both graphs on the same machine. "
            + "Only the ratio is judged: the times depend on the machine and differ between runs.",
        Html.Table(["", "challenger", "champion", "ratio"],
            [
                [
                    "median", Microseconds(race.ChallengerMicroseconds), Microseconds(race.ChampionMicroseconds),
                    Html.Number(Math.Round(race.Ratio, 3)),
                ],
            ], 1, 2, 3));

    private static string Microseconds(double time) => time.ToString("0.0", CultureInfo.InvariantCulture) + " µs";

    private static XElement Origin(GateReport report) => Html.Section("Inputs",
        "A run on the same files and settings writes the same report, except for the latency.",
        Html.Table(["what", "SHA-256"], new (string Name, string? Hash)[]
        {
            ("challenger's manifest", report.Challenger.Hash),
            ("challenger's graph", report.Challenger.Manifest.Files[ModelManifest.GraphFileName]),
            ("champion's manifest", report.Champion?.Hash), ("feature catalogue", report.Challenger.Manifest.CatalogueHash),
            ("event log", report.LogHash), ("gate settings", report.SettingsHash),
        }.Select(row => new object?[] { row.Name, Html.Element("code", null, row.Hash ?? "–") })),
        Html.Element("details", null, Html.Element("summary", null, "Training of the challenger"),
            Html.Table(["what", "value"],
                Training(report.Challenger.Manifest).Select(entry => new object?[] { Html.Element("code", null, entry.Key), entry.Value })),
            TrainingTables.Create(report.Challenger.Manifest).Select(table =>
                new[] { Html.Element("p", "explanation", table.Title), Html.Table(table.Heads, table.Rows) })));

    private static IEnumerable<KeyValuePair<string, string>> Training(ModelManifest manifest)
    {
        var lineage = manifest.Lineage;
        return
        [
            new("command", lineage.Command), new("event_log", lineage.Source), new("event_log_sha256", lineage.EventLogSha256),
            new("payments", string.Create(CultureInfo.InvariantCulture, $"{lineage.Payments} from {lineage.From} to {lineage.To}")),
            new("labels_known_by", lineage.LabelsKnownBy), .. manifest.Parameters,
        ];
    }

    /// <summary>A table of a name and numbers per row. Rows that do not count are grey.</summary>
    private static XElement Table(IReadOnlyList<string> heads, IEnumerable<(bool Counts, object?[] Cells)> rows) =>
        Html.Element("div", "scroll", Html.Element("table", null,
        Html.Element("thead", null, Html.Element("tr", null, heads.Select((head, i) => Html.Element("th", i > 0 ? "number" : null, head)))),
        Html.Element("tbody", null, rows.Select(row => Html.Element("tr", row.Counts ? null : "left-out",
            row.Cells.Select((cell, i) => Html.Element("td", i > 0 ? "number" : null, cell)))))));
}
