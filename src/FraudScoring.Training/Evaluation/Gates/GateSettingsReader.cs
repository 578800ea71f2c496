using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Reads <c>gates.json</c>. Missing members have their defaults; every fault is collected with its JSON path.</summary>
internal static class GateSettingsReader
{
    private const double MostRatio = 100;

    private static readonly GateSettings Defaults = new();

    /// <summary>Returns the settings, or null and all faults.</summary>
    public static GateSettings? Parse(ReadOnlyMemory<byte> json, Faults faults)
    {
        var before = faults.Count;
        using var document = JsonNodeReader.Parse(json, faults);
        if (document is null)
        {
            return null;
        }
        var root = new JsonNodeReader(document.RootElement, "$", faults);
        root.AllowOnly("seed", "period", "quality", "calibration", "stability", "robustness", "fairness", "latency", "parity");
        var settings = new GateSettings
        {
            Seed = root.Integer("seed", 0, int.MaxValue, Defaults.Seed),
            Period = new()
            {
                FraudsAtLeast = Section(root, "period", "frauds_at_least")
                    .Integer("frauds_at_least", 1, 1_000_000, Defaults.Period.FraudsAtLeast),
            },
            Quality = Quality(Section(root, "quality", "resamples", "confidence", "average_precision_tolerance", "auc_tolerance",
                "auc_at_least")),
            Calibration = Calibration(Section(root, "calibration", "bins", "tail_share", "relative_error_at_most", "ratio_at_most",
                "tail_ratio_at_most")),
            Stability = Stability(Section(root, "stability", "fold_days", "frauds_at_least", "average_precision_worst_to_mean_at_least",
                "auc_worst_to_mean_at_least", "ratio_at_most")),
            Robustness = Robustness(Section(root, "robustness", "payments", "missing_share", "noise_share", "unseen_fields",
                "missing", "random_missing", "noise", "unseen")),
            Fairness = Fairness(Section(root, "fairness", "segments", "flagged_from", "payments_at_least", "frauds_at_least",
                "approved_ratio_at_least", "flagged_ratio_at_least", "opportunity_difference_at_most", "odds_difference_at_most",
                "false_positive_difference_at_most", "ratio_at_most")),
            Latency = Latency(Section(root, "latency", "runs", "ratio_at_most")),
            Parity = new()
            {
                DifferenceAtMost = Share(
                    Section(root, "parity", "difference_at_most"), "difference_at_most", Defaults.Parity.DifferenceAtMost),
            },
        };
        return faults.Count > before ? null : settings;
    }

    private static QualitySettings Quality(JsonNodeReader node) => new()
    {
        Resamples = node.Integer("resamples", 100, 100_000, Defaults.Quality.Resamples),
        Confidence = Number(node, "confidence", 0.5, 0.999, Defaults.Quality.Confidence),
        AveragePrecisionTolerance = Share(node, "average_precision_tolerance", Defaults.Quality.AveragePrecisionTolerance),
        AucTolerance = Share(node, "auc_tolerance", Defaults.Quality.AucTolerance),
        AucAtLeast = Share(node, "auc_at_least", Defaults.Quality.AucAtLeast),
    };

    private static CalibrationSettings Calibration(JsonNodeReader node) => new()
    {
        Bins = node.Integer("bins", 2, 1000, Defaults.Calibration.Bins),
        TailShare = Number(node, "tail_share", 0.0001, 1, Defaults.Calibration.TailShare),
        RelativeErrorAtMost = Number(node, "relative_error_at_most", 0, MostRatio, Defaults.Calibration.RelativeErrorAtMost),
        RatioAtMost = Ratio(node, "ratio_at_most", Defaults.Calibration.RatioAtMost),
        TailRatioAtMost = Ratio(node, "tail_ratio_at_most", Defaults.Calibration.TailRatioAtMost),
    };

    private static StabilitySettings Stability(JsonNodeReader node) => new()
    {
        FoldDays = node.Integer("fold_days", 1, 366, Defaults.Stability.FoldDays),
        FraudsAtLeast = node.Integer("frauds_at_least", 1, 1_000_000, Defaults.Stability.FraudsAtLeast),
        AveragePrecisionWorstToMeanAtLeast = Share(
            node, "average_precision_worst_to_mean_at_least", Defaults.Stability.AveragePrecisionWorstToMeanAtLeast),
        AucWorstToMeanAtLeast = Share(node, "auc_worst_to_mean_at_least", Defaults.Stability.AucWorstToMeanAtLeast),
        RatioAtMost = Ratio(node, "ratio_at_most", Defaults.Stability.RatioAtMost),
    };

    private static RobustnessSettings Robustness(JsonNodeReader node) => new()
    {
        Payments = node.Integer("payments", 100, 1_000_000, Defaults.Robustness.Payments),
        MissingShare = Share(node, "missing_share", Defaults.Robustness.MissingShare),
        NoiseShare = Share(node, "noise_share", Defaults.Robustness.NoiseShare),
        UnseenFields = Fields(node, "unseen_fields", Defaults.Robustness.UnseenFields),
        Missing = Moves(node, "missing", Defaults.Robustness.Missing),
        RandomMissing = Moves(node, "random_missing", Defaults.Robustness.RandomMissing),
        Noise = Moves(node, "noise", Defaults.Robustness.Noise),
        Unseen = Moves(node, "unseen", Defaults.Robustness.Unseen),
    };

    private static MoveLimits Moves(JsonNodeReader parent, string name, MoveLimits otherwise)
    {
        var node = Section(parent, name, "decisions_changed_at_most", "flags_lost_at_most", "mean_move_at_most", "largest_move_at_most");
        return new MoveLimits(
            Share(node, "decisions_changed_at_most", otherwise.DecisionsChangedAtMost),
            Share(node, "flags_lost_at_most", otherwise.FlagsLostAtMost),
            Share(node, "mean_move_at_most", otherwise.MeanMoveAtMost),
            ShareOrNull(node, "largest_move_at_most", otherwise.LargestMoveAtMost));
    }

    private static FairnessSettings Fairness(JsonNodeReader node) => new()
    {
        Segments = Fields(node, "segments", Defaults.Fairness.Segments),
        FlaggedFrom = FlaggedFrom(node.Member("flagged_from")),
        PaymentsAtLeast = node.Integer("payments_at_least", 1, 10_000_000, Defaults.Fairness.PaymentsAtLeast),
        FraudsAtLeast = node.Integer("frauds_at_least", 1, 1_000_000, Defaults.Fairness.FraudsAtLeast),
        ApprovedRatioAtLeast = Share(node, "approved_ratio_at_least", Defaults.Fairness.ApprovedRatioAtLeast),
        FlaggedRatioAtLeast = ShareOrNull(node, "flagged_ratio_at_least", Defaults.Fairness.FlaggedRatioAtLeast),
        OpportunityDifferenceAtMost = Share(node, "opportunity_difference_at_most", Defaults.Fairness.OpportunityDifferenceAtMost),
        OddsDifferenceAtMost = Share(node, "odds_difference_at_most", Defaults.Fairness.OddsDifferenceAtMost),
        FalsePositiveDifferenceAtMost = Share(
            node, "false_positive_difference_at_most", Defaults.Fairness.FalsePositiveDifferenceAtMost),
        RatioAtMost = Ratio(node, "ratio_at_most", Defaults.Fairness.RatioAtMost),
    };

    private static LatencySettings Latency(JsonNodeReader node) => new()
    {
        Runs = node.Integer("runs", 100, 1_000_000, Defaults.Latency.Runs),
        RatioAtMost = Number(node, "ratio_at_most", 0.1, 100, Defaults.Latency.RatioAtMost),
    };

    private static Decision FlaggedFrom(JsonNodeReader node)
    {
        if (!node.Exists)
        {
            return Defaults.Fairness.FlaggedFrom;
        }
        Decision[] flags = [Decision.Review, Decision.Challenge, Decision.Decline];
        var text = node.Text();
        var found = Array.FindIndex(flags, decision => SnakeCase.Convert(decision) == text);
        if (found < 0)
        {
            node.Fault("must be review, challenge or decline");
        }
        return flags[Math.Max(found, 0)];
    }

    private static IReadOnlyList<string> Fields(JsonNodeReader node, string name, IReadOnlyList<string> otherwise)
    {
        if (!node.Member(name).Exists)
        {
            return otherwise;
        }
        var names = new List<string>();
        foreach (var item in node.Array(name, 0, 32))
        {
            var field = item.Text();
            if (field.Length > 0 && !PaymentField.TryParse(field, out _))
            {
                item.Fault($"is not a payment field; use {string.Join(", ", PaymentField.Names)} or attributes.<name>");
            }
            else if (names.Contains(field))
            {
                item.Fault("is listed twice");
            }
            names.Add(field);
        }
        return names;
    }

    private static JsonNodeReader Section(JsonNodeReader node, string name, params ReadOnlySpan<string> members)
    {
        var section = node.Member(name);
        if (section.Exists)
        {
            section.AllowOnly(members);
        }
        return section;
    }

    private static double Share(JsonNodeReader node, string name, double otherwise) => Number(node, name, 0, 1, otherwise);

    private static double Ratio(JsonNodeReader node, string name, double otherwise) => Number(node, name, 1, MostRatio, otherwise);

    /// <summary>A limit that null removes. A missing member keeps the default.</summary>
    private static double? ShareOrNull(JsonNodeReader node, string name, double? otherwise) =>
        node.Member(name).Kind == JsonValueKind.Undefined ? otherwise : node.Member(name).Exists ? node.Member(name).Number(0, 1) : null;

    private static double Number(JsonNodeReader node, string name, double least, double most, double otherwise) =>
        node.Member(name).Exists ? node.Member(name).Number(least, most) : otherwise;
}
