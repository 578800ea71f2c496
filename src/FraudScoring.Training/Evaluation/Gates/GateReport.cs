using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>All that the gates found: what is written for people and for programs.</summary>
internal sealed record GateReport
{
    public required ModelBundle Challenger { get; init; }

    /// <summary>Null for the first model.</summary>
    public required ModelBundle? Champion { get; init; }

    public required GateSettings Settings { get; init; }

    public required string SettingsHash { get; init; }

    public required string LogHash { get; init; }

    public required GatePeriod Period { get; init; }

    /// <summary>Every gate, waived ones shown as such.</summary>
    public required IReadOnlyList<GateResult> Gates { get; init; }

    public required IReadOnlyList<Waiver> Waivers { get; init; }

    /// <summary>Metrics, curves and bins of the challenger, then of the champion if there is one.</summary>
    public required IReadOnlyList<ModelQuality> Models { get; init; }

    public required RankingDifferences? Differences { get; init; }

    public required IReadOnlyList<PeriodFold> Folds { get; init; }

    public required IReadOnlyList<RobustnessRun> Robustness { get; init; }

    public required IReadOnlyList<FairnessSegment> Fairness { get; init; }

    /// <summary>The only thing that differs from run to run.</summary>
    public required LatencyRace? Latency { get; init; }

    /// <summary>No gate failed without a waiver.</summary>
    public bool Passed => Gates.All(gate => gate.Status != GateStatus.Failed);

    /// <summary>How many gates say so.</summary>
    public int Count(GateStatus status) => Gates.Count(gate => gate.Status == status);

    /// <summary>A waiver whose gate did not fail.</summary>
    public bool IsIdle(Waiver waiver) => Gates.All(gate => gate.Name != waiver.Gate || gate.Status != GateStatus.Waived);
}

/// <summary>The payments that the gates looked at.</summary>
/// <param name="FirstDay">First day, since the Unix epoch.</param>
/// <param name="LastDay">Last day.</param>
/// <param name="Payments">Payments.</param>
/// <param name="Frauds">Frauds among them.</param>
/// <param name="Cards">Different cards.</param>
internal sealed record GatePeriod(int FirstDay, int LastDay, int Payments, int Frauds, int Cards);

/// <summary>How good one model is on the period.</summary>
/// <param name="Slot">Challenger or champion.</param>
/// <param name="Manifest">What the bundle says of itself.</param>
/// <param name="Evaluation">Its metrics.</param>
/// <param name="Operating">What its thresholds do.</param>
/// <param name="Reliability">Bins of its reliability diagram.</param>
/// <param name="Curve">Its operating points at every distinct score.</param>
internal sealed record ModelQuality(
    string Slot, ModelManifest Manifest, ModelEvaluation Evaluation, IReadOnlyList<OperatingRow> Operating,
    IReadOnlyList<ReliabilityBin> Reliability, IReadOnlyList<OperatingPoint> Curve);
