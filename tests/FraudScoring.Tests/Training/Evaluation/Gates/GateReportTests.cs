using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Evaluation.Gates;
using FraudScoring.Training.Reports;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

public sealed partial class GateReportTests
{
    private const string Nasty = "<script>alert('x')</script> & \"more\" ]]>";

    private static readonly Lazy<ModelBundle> Committed = new(LoadBundle);

    [Test]
    public void Html_HostileTexts_AreEscapedAndThePageIsWellFormed()
    {
        var html = GateReportHtml.Write(Report());
        var page = XDocument.Parse(html);
        Assert.That(html, Does.StartWith("<!DOCTYPE html>\n<html lang=\"en\">"));
        Assert.That(html, Does.Not.Contain("<script"));
        Assert.That(page.Descendants("td").Select(cell => cell.Value), Does.Contain(Nasty));
        Assert.That(page.Descendants()
            .Where(element => element.Name.LocalName is "script" or "link" or "img" or "iframe" or "object" or "image" or "use"), Is.Empty);
        Assert.That(page.Descendants().Attributes()
            .Where(a => a.Name.LocalName is "href" or "src" or "srcset" or "data"
                || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal)), Is.Empty);
        Assert.That(External().IsMatch(html), Is.False);
        Assert.That(page.Descendants("meta").Attributes("content").Select(a => a.Value), Has.Some.Contains("default-src 'none'"));
    }

    [Test]
    public void Html_Elements_AreNeverClosedInAWayBrowsersMisread()
    {
        var selfClosed = SelfClosed().Matches(GateReportHtml.Write(Report())).Select(match => match.Groups[1].Value).Distinct();
        Assert.That(selfClosed, Is.SubsetOf(new[] { "meta", "line", "path", "rect", "circle" }));
    }

    [Test]
    public void Html_Plots_HoldNumbersOnly()
    {
        var page = XDocument.Parse(GateReportHtml.Write(Report()));
        var plots = page.Descendants("svg").ToArray();
        Assert.That(plots, Has.Length.GreaterThanOrEqualTo(8));
        var shapes = plots.Descendants().SelectMany(shape => shape.Attributes())
            .Where(a => a.Name.LocalName is "d" or "x" or "y" or "x1" or "y2" or "width" or "height" or "cx" or "cy");
        Assert.That(shapes.Select(a => a.Value), Is.All.Matches<string>(value => value is not null
            && !value.Contains("NaN", StringComparison.Ordinal) && !value.Contains('∞') && !value.Contains(',')));
    }

    [TestCase(GateStatus.Passed, "passed", "It may be promoted.")]
    [TestCase(GateStatus.Waived, "passed with waivers", "It may be promoted.")]
    [TestCase(GateStatus.Failed, "failed", "It must not be promoted.")]
    public void Html_Status_IsSaidFirst(GateStatus status, string word, string sentence)
    {
        var page = XDocument.Parse(GateReportHtml.Write(Report(status)));
        Assert.That(page.Descendants("header").Descendants("span").First().Value, Is.EqualTo(word));
        Assert.That(page.Descendants("header").Single().Value, Does.Contain(sentence));
    }

    [Test]
    public void Json_Report_HoldsWhatPromotionAsksFor()
    {
        using var json = JsonDocument.Parse(GateReportJson.Write(Report(GateStatus.Waived)));
        var root = json.RootElement;
        Assert.That(root.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[]
        {
            "format", "model", "version", "bundle_hash", "graph_hash", "champion_model", "champion_version", "champion_hash",
            "catalogue_hash", "log_hash", "settings_hash", "period", "passed", "gates", "waivers", "settings", "evidence", "measured",
        }));
        var bundle = Committed.Value;
        Assert.That(root.GetProperty("format").GetInt32(), Is.EqualTo(3));
        Assert.That(root.GetProperty("bundle_hash").GetString(), Is.EqualTo(bundle.Hash));
        Assert.That(root.GetProperty("passed").GetBoolean(), Is.True);
        var gate = root.GetProperty("gates")[0];
        Assert.That(gate.EnumerateObject().Select(member => member.Name),
            Is.EqualTo(new[] { "name", "status", "value", "comparison", "limit", "detail" }));
        Assert.That(gate.GetProperty("status").GetString(), Is.EqualTo("waived"));
        Assert.That(root.GetProperty("gates")[1].GetProperty("status").GetString(), Is.EqualTo("not_applicable"));
        Assert.That(root.GetProperty("gates")[1].GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(root.GetProperty("waivers")[0].GetProperty("because").GetString(), Is.EqualTo(Nasty));
        Assert.That(root.GetProperty("waivers")[0].GetProperty("needed").GetBoolean(), Is.True);
        var fold = root.GetProperty("evidence").GetProperty("folds")[0];
        Assert.That(fold.GetProperty("average_precision").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Json_Report_IsWhatASealReads()
    {
        var report = Report(GateStatus.Waived) with
        {
            Waivers = [new Waiver("quality.auc", "Ada", "small"), new Waiver("latency.ratio", "Ada", "was not needed")],
        };
        var json = Encoding.UTF8.GetBytes(GateReportJson.Write(report));
        var sealedGates = FraudScoring.Training.Sealing.GateFindings.Parse("gates.json", json, Committed.Value);
        Assert.That(sealedGates.Passed, Is.True);
        Assert.That(sealedGates.Waivers.Select(waiver => (waiver.Gate, waiver.By, waiver.Because)),
            Is.EqualTo(new[] { ("quality.auc", "Ada", "small") }));
        var failed = Encoding.UTF8.GetBytes(GateReportJson.Write(Report() with { Waivers = [] }));
        Assert.That(() => FraudScoring.Training.Sealing.GateFindings.Parse("gates.json", failed, Committed.Value),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("quality.auc failed"));
    }

    [Test]
    public void Json_SameReport_IsTheSameBytes()
    {
        var first = GateReportJson.Write(Report());
        Assert.That(GateReportJson.Write(Report()), Is.EqualTo(first));
    }

    [Test]
    public void Ticks_AnyRange_AreRoundAndFew()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var least = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-4, 5));
            var range = (Least: least, Most: least + (random.NextDouble() * Math.Pow(10, random.Next(-4, 5))) + 1e-6);
            var ticks = SvgPlot.Ticks(range).ToArray();
            Assert.That(ticks, Has.Length.InRange(2, 12), $"{range}");
            Assert.That(ticks, Is.All.InRange(range.Least - 1e-6, range.Most + 1e-6));
        }
    }

    /// <summary>The last two days of the log are left out.</summary>
    private static readonly LabelMaturity Maturity = new(
        0.95, 400, 2 * MillisecondsPer.Day, 17_009L * MillisecondsPer.Day, 17_011L * MillisecondsPer.Day);

    private static ModelBundle LoadBundle()
    {
        var faults = new Faults();
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, faults);
        Assert.That(faults, Is.Empty);
        return bundle!;
    }

    private static GateReport Report(GateStatus status = GateStatus.Failed)
    {
        var random = new Random(1);
        double[] scores = [.. Enumerable.Range(0, 900).Select(_ => random.NextDouble())];
        bool[] labels = [.. scores.Select(score => random.NextDouble() < score * score)];
        string[] groups = [.. scores.Select((_, i) => i % 30 == 0 ? Nasty : i % 2 == 0 ? "DE" : "FR")];
        long[] cards = [.. scores.Select((_, i) => i % 100L)];
        int[] days = [.. scores.Select((_, i) => 17_000 + (i / 100))];
        var settings = new GateSettings { Fairness = new() { PaymentsAtLeast = 100 } };
        ModelQuality Quality(string slot) => new(slot, Committed.Value.Manifest,
            ModelEvaluation.Create(
                scores, [.. labels.Select(l => l ? 1f : 0f)], [.. days.Select((day, i) => new TestPayment(day, cards[i]))]),
            Committed.Value.Manifest.Operating,
            CalibrationMetrics.Reliability(scores, labels), RankingMetrics.OperatingPoints(scores, labels));
        return new GateReport
        {
            Challenger = Committed.Value,
            Champion = Committed.Value,
            Settings = settings,
            SettingsHash = "00",
            LogHash = "11",
            Period = new GatePeriod(days[0], days[^1], 900, labels.Count(l => l), 100, Maturity),
            Gates =
            [
                new GateResult("quality.auc", status, 0.5, 0.6, true, Nasty), GateResult.NotApplicable("latency.ratio", 1.5, false, "none"),
            ],
            Waivers = [new Waiver("quality.auc", Nasty, Nasty)],
            Models = [Quality("challenger"), Quality("champion")],
            Differences = PairedBootstrap.Compare(scores, scores, labels, cards, new BootstrapOptions(100, 0.95, 1)),
            Calibration = CalibrationFindings.Create(scores, labels, cards, settings),
            Folds =
            [
                new PeriodFold(16_990, 16_996, 10, 0, double.NaN, double.NaN, ObservedToExpected.Compute([0.1], [false]), false),
                .. PeriodFold.Cut(scores, labels, days, settings.Stability),
            ],
            Robustness =
            [
                new RobustnessRun(RobustnessRuns.Missing, Nasty,
                    ScoreMoves.Compute(scores, scores, _ => Committed.Value.Thresholds.Default)),
                new RobustnessRun(RobustnessRuns.Unseen, "channel", null),
            ],
            Fairness = [FairnessSegment.Create("country", groups, scores, labels, _ => 0.5, settings.Fairness)],
            Latency = new LatencyRace(11, 10, 5),
        };
    }

    [GeneratedRegex(@"https?:|url\(|@import|//[a-z]", RegexOptions.IgnoreCase)]
    private static partial Regex External();

    [GeneratedRegex(@"<([a-z0-9]+)(?:\s[^<>]*)?\s*/>")]
    private static partial Regex SelfClosed();
}
