using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The results of a gate run, from which <c>gates.html</c> and <c>gates.json</c> are written.</summary>
internal sealed record GateReport
{
    public required ModelBundle Challenger { get; init; }

    /// <summary>Null for the first model.</summary>
    public required ModelBundle? Champion { get; init; }

    public required GateSettings Settings { get; init; }

    public required string SettingsHash { get; init; }

    public required string LogHash { get; init; }

    public required GatePeriod Period { get; init; }

    /// <summary>The result of every gate, with waivers applied.</summary>
    public required IReadOnlyList<GateResult> Gates { get; init; }

    public required IReadOnlyList<Waiver> Waivers { get; init; }

    /// <summary>Quality of the challenger, followed by that of the champion if there is one.</summary>
    public required IReadOnlyList<ModelQuality> Models { get; init; }

    public required RankingDifferences? Differences { get; init; }

    /// <summary>The challenger's probabilities against the observed frauds.</summary>
    public required CalibrationFindings Calibration { get; init; }

    public required IReadOnlyList<PeriodFold> Folds { get; init; }

    public required IReadOnlyList<RobustnessRun> Robustness { get; init; }

    public required IReadOnlyList<FairnessSegment> Fairness { get; init; }

    /// <summary>Null for the first model. The only part of the report that differs between runs on the same inputs.</summary>
    public required LatencyRace? Latency { get; init; }

    /// <summary>True if every failed gate is waived.</summary>
    public bool Passed => Gates.All(gate => gate.Status != GateStatus.Failed);

    public int Count(GateStatus status) => Gates.Count(gate => gate.Status == status);

    /// <summary>True for a waiver whose gate did not fail.</summary>
    public bool IsIdle(Waiver waiver) => Gates.All(gate => gate.Name != waiver.Gate || gate.Status != GateStatus.Waived);
}

/// <summary>The period and the number of payments that the gates were measured on.</summary>
/// <param name="FirstDay">First day, since the Unix epoch.</param>
/// <param name="LastDay">Last day.</param>
/// <param name="Payments">Number of payments.</param>
/// <param name="Frauds">Frauds among the payments.</param>
/// <param name="Cards">Number of distinct cards.</param>
/// <param name="Maturity">Until when labels are mature, and which days are left out for it.</param>
internal sealed record GatePeriod(int FirstDay, int LastDay, int Payments, int Frauds, int Cards, LabelMaturity Maturity);

/// <summary>Quality of one model in the period.</summary>
/// <param name="Slot">"challenger" or "champion".</param>
/// <param name="Manifest">Manifest of the bundle.</param>
/// <param name="Evaluation">Metrics of the model.</param>
/// <param name="Operating">Decisions and costs at the model's thresholds.</param>
/// <param name="Reliability">Bins of the reliability diagram.</param>
/// <param name="Curve">One operating point per distinct score.</param>
internal sealed record ModelQuality(
    string Slot, ModelManifest Manifest, ModelEvaluation Evaluation, IReadOnlyList<OperatingRow> Operating,
    IReadOnlyList<ReliabilityBin> Reliability, IReadOnlyList<OperatingPoint> Curve);
