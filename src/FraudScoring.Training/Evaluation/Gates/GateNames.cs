namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The names of all gates: what a waiver may name, and the report's order.</summary>
internal static class GateNames
{
    public const string OutOfTime = "period.out_of_time", Frauds = "period.frauds";
    public const string AveragePrecision = "quality.average_precision", Auc = "quality.auc";
    public const string Calibration = "calibration.error";
    public const string StableAveragePrecision = "stability.average_precision", StableAuc = "stability.auc", StableCalibration = "stability.calibration_error";
    public const string Latency = "latency.ratio";
    public const string Trainer = "parity.trainer", Batch = "parity.batch", Catalogue = "parity.catalogue";

    /// <summary>A gate on how far scores move, such as "robustness.missing.flags_lost".</summary>
    public static string Robustness(string kind, string measure) => $"robustness.{kind}.{measure}";

    /// <summary>A gate on how alike groups are treated, such as "fairness.country.approved_ratio".</summary>
    public static string Fairness(string segment, string measure) => $"fairness.{segment}.{measure}";

    /// <summary>All that settings ask for.</summary>
    public static IReadOnlyList<string> All(GateSettings settings) =>
    [
        OutOfTime, Frauds, AveragePrecision, Auc, Calibration, StableAveragePrecision, StableAuc, StableCalibration,
        .. RobustnessGates.Kinds(settings.Robustness).SelectMany(kind => RobustnessGates.Measures(kind.Limits).Select(m => Robustness(kind.Name, m.Name))),
        .. settings.Fairness.Segments.SelectMany(segment => FairnessGates.Measures(settings.Fairness).Select(m => Fairness(segment, m.Name))),
        Latency, Trainer, Batch, Catalogue,
    ];
}
