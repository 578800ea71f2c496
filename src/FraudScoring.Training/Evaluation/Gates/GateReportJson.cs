using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>
/// Writes <c>gates.json</c>, the gate report for programs. Equal inputs have equal bytes, except for "measured" and the latency gate,
/// whose values come from a clock.
/// </summary>
internal static class GateReportJson
{
    public const string FileName = "gates.json";

    /// <summary>Version of the file's format.</summary>
    public const int Format = 3;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new MeasureConverter() },
    };

    public static string Write(GateReport report) => JsonSerializer.Serialize(new
    {
        Format,
        report.Challenger.Manifest.Model,
        report.Challenger.Manifest.Version,
        BundleHash = report.Challenger.Hash,
        GraphHash = report.Challenger.Manifest.Files[ModelManifest.GraphFileName],
        ChampionModel = report.Champion?.Manifest.Model,
        ChampionVersion = report.Champion?.Manifest.Version,
        ChampionHash = report.Champion?.Hash,
        CatalogueHash = report.Challenger.Manifest.CatalogueHash,
        report.LogHash,
        report.SettingsHash,
        Period = new
        {
            From = Days.Text(report.Period.FirstDay), To = Days.Text(report.Period.LastDay),
            report.Period.Payments, report.Period.Frauds, report.Period.Cards, LabelMaturity = Maturity(report.Period.Maturity),
        },
        report.Passed,
        Gates = report.Gates.Select(gate => new
        {
            gate.Name, gate.Status, gate.Value, Comparison = gate.IsAtLeast ? "at_least" : "at_most", gate.Limit, gate.Detail,
        }),
        Waivers = report.Waivers.Select(waiver => new { waiver.Gate, waiver.By, waiver.Because, Needed = !report.IsIdle(waiver) }),
        report.Settings,
        Evidence = Evidence(report),
        Measured = new { report.Latency },
    }, Options) + "\n";

    private static object Evidence(GateReport report) => new
    {
        Metrics = report.Models.ToDictionary(model => model.Slot, model => model.Evaluation.Metrics),
        Differences = report.Differences is not { } differences ? null : new
        {
            AveragePrecision = Interval(differences.AveragePrecision), Auc = Interval(differences.Auc),
        },
        Calibration = new
        {
            report.Calibration.RelativeError, Overall = Ratio(report.Calibration.Overall), Tail = Ratio(report.Calibration.Tail),
            report.Calibration.Bins,
        },
        Reliability = report.Models.ToDictionary(model => model.Slot, model => model.Reliability),
        Folds = report.Folds.Select(fold => new
        {
            From = Days.Text(fold.FirstDay), To = Days.Text(fold.LastDay), fold.Payments, fold.Frauds,
            fold.AveragePrecision, fold.Auc, ObservedToExpected = Ratio(fold.Calibration), Counted = fold.Counts,
        }),
        Robustness = report.Robustness.Select(run => new { run.Kind, run.Change, run.Moves }),
        Fairness = report.Fairness.Select(Segment),
    };

    private static object Interval(ResampledDifference difference) =>
        new { difference.Value, difference.Low, difference.High, Drawn = difference.Unit };

    private static object Ratio(ObservedToExpected ratio) =>
        new { ratio.Payments, ratio.Observed, ratio.Expected, ratio.Ratio, ratio.Low, ratio.High, Drawn = ratio.Unit };

    private static object Maturity(LabelMaturity maturity) => new
    {
        maturity.Share, maturity.Labels, DelayHours = maturity.DelayMs / (double?)MillisecondsPer.Hour, maturity.ExcludedDays,
        maturity.ExcludedFrom, maturity.ExcludedTo, Text = maturity.Describe(),
    };

    private static object Segment(FairnessSegment segment) => new
    {
        segment.Field,
        GroupsCounted = segment.Counted.Length,
        ApprovedRatio = FairnessMetrics.ParityRatioOfApproved(segment.Counted),
        FlaggedRatio = FairnessMetrics.ParityRatioOfFlagged(segment.Counted),
        OpportunityDifference = FairnessMetrics.EqualOpportunityDifference(segment.CountedFrauds),
        FalsePositiveDifference = FairnessMetrics.FalsePositiveRateDifference(segment.Counted),
        OddsDifference = FairnessMetrics.EqualizedOddsDifference(segment.CountedFrauds),
        Groups = segment.Groups.Select(group => new
        {
            group.Name,
            Payments = group.Outcomes.Count,
            group.Outcomes.Frauds,
            group.Outcomes.ApprovedRate,
            ApprovedRateWilson_95 = Wilson(group.Outcomes.ApprovedInterval),
            group.Outcomes.FalsePositiveRate,
            FalsePositiveRateWilson_95 = Wilson(group.Outcomes.FalsePositiveInterval),
            group.Outcomes.TruePositiveRate,
            TruePositiveRateWilson_95 = Wilson(group.Outcomes.TruePositiveInterval),
            group.MeanProbability,
            group.Outcomes.FraudShare,
            FraudShareWilson_95 = Wilson(group.Outcomes.FraudInterval),
            ObservedToExpected = Ratio(group.Calibration),
            Counted = group.Counts,
            FraudsCounted = group.CountsFrauds,
        }),
    };

    private static double[] Wilson(WilsonInterval interval) => [interval.Low, interval.High];

    /// <summary>
    /// Writes doubles with at most twelve decimals, so that the last bits of a sum do not change the file, and NaN and infinities, which
    /// JSON does not have, as null.
    /// </summary>
    private sealed class MeasureConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(Math.Round(value, 12));
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
