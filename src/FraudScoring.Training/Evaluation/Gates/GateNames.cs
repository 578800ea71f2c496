namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The names of all gates, in the order of the report. Waivers refer to these names.</summary>
internal static class GateNames
{
    public const string OutOfTime = "period.out_of_time", Frauds = "period.frauds";
    public const string AveragePrecision = "quality.average_precision", Auc = "quality.auc", AbsoluteAuc = "quality.auc_absolute";
    public const string RelativeError = "calibration.relative_error", ObservedToExpected = "calibration.observed_to_expected";
    public const string CalibrationTail = "calibration.tail";
    public const string StableAveragePrecision = "stability.average_precision", StableAuc = "stability.auc";
    public const string StableCalibration = "stability.observed_to_expected";
    public const string Latency = "latency.ratio";
    public const string Trainer = "parity.trainer", Batch = "parity.batch", Catalogue = "parity.catalogue";

    /// <summary>The name of a robustness gate, such as "robustness.missing.flags_lost".</summary>
    public static string Robustness(string kind, string measure) => $"robustness.{kind}.{measure}";

    /// <summary>The name of a fairness gate, such as "fairness.country.approved_ratio".</summary>
    public static string Fairness(string segment, string measure) => $"fairness.{segment}.{measure}";

    /// <summary>All gates under the given settings.</summary>
    public static IReadOnlyList<string> All(GateSettings settings) =>
    [
        OutOfTime, Frauds, AveragePrecision, Auc, AbsoluteAuc, RelativeError, ObservedToExpected, CalibrationTail,
        StableAveragePrecision, StableAuc, StableCalibration,
        .. RobustnessGates.Kinds(settings.Robustness)
            .SelectMany(kind => RobustnessGates.Measures(kind.Limits).Select(m => Robustness(kind.Name, m.Name))),
        .. settings.Fairness.Segments
            .SelectMany(segment => FairnessGates.Measures(settings.Fairness).Select(m => Fairness(segment, m.Name))),
        Latency, Trainer, Batch, Catalogue,
    ];
}
