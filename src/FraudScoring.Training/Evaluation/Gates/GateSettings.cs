using FraudScoring.Core.Decisions;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>
/// The limits a bundle must meet before promotion: <c>models/gates.json</c>. A measure whose limit is null is reported but has no gate.
/// </summary>
internal sealed record GateSettings
{
    /// <summary>Seed of resampling and noise. Runs with the same seed write the same report.</summary>
    public int Seed { get; init; } = 20261101;

    public PeriodSettings Period { get; init; } = new();

    public QualitySettings Quality { get; init; } = new();

    public CalibrationSettings Calibration { get; init; } = new();

    public StabilitySettings Stability { get; init; } = new();

    public RobustnessSettings Robustness { get; init; } = new();

    public FairnessSettings Fairness { get; init; } = new();

    public LatencySettings Latency { get; init; } = new();

    public ParitySettings Parity { get; init; } = new();

    /// <summary>The draws of every bootstrap.</summary>
    internal BootstrapOptions Draws => new(Quality.Resamples, Quality.Confidence, (ulong)Seed);
}

/// <summary>Requirements on the payments of the period.</summary>
internal sealed record PeriodSettings
{
    public int FraudsAtLeast { get; init; } = 100;
}

/// <summary>
/// How much worse than the champion the challenger may rank, at the lower bound of the interval, and the least it must reach itself.
/// </summary>
internal sealed record QualitySettings
{
    public int Resamples { get; init; } = 1000;

    public double Confidence { get; init; } = 0.95;

    public double AveragePrecisionTolerance { get; init; } = 0.01;

    public double AucTolerance { get; init; } = 0.01;

    /// <summary>The least area under the ROC curve, which a first model without a champion needs too.</summary>
    public double AucAtLeast { get; init; } = 0.9;
}

/// <summary>How far probabilities may be from the observed frauds. Every limit is relative to the share of frauds.</summary>
internal sealed record CalibrationSettings
{
    /// <summary>Number of bins, each with equally many payments.</summary>
    public int Bins { get; init; } = 10;

    /// <summary>Share of the payments, those with the highest scores, that the tail consists of.</summary>
    public double TailShare { get; init; } = 0.01;

    public double RelativeErrorAtMost { get; init; } = 0.25;

    /// <summary>The largest ratio of observed to expected frauds, or of expected to observed.</summary>
    public double RatioAtMost { get; init; } = 1.3;

    /// <summary>The same in the tail.</summary>
    public double TailRatioAtMost { get; init; } = 1.3;
}

/// <summary>How much worse than the mean of all folds the worst fold may be.</summary>
internal sealed record StabilitySettings
{
    public int FoldDays { get; init; } = 7;

    /// <summary>Folds with fewer frauds do not count.</summary>
    public int FraudsAtLeast { get; init; } = 50;

    public double AveragePrecisionWorstToMeanAtLeast { get; init; } = 0.85;

    public double AucWorstToMeanAtLeast { get; init; } = 0.95;

    /// <summary>The largest certain ratio of observed to expected frauds in a fold, or of expected to observed.</summary>
    public double RatioAtMost { get; init; } = 1.3;
}

/// <summary>The changes made to payments, and how far scores may move under each.</summary>
internal sealed record RobustnessSettings
{
    /// <summary>Number of payments in the sample, spread evenly over the period.</summary>
    public int Payments { get; init; } = 20_000;

    public double MissingShare { get; init; } = 0.1;

    public double NoiseShare { get; init; } = 0.1;

    /// <summary>Payment fields that are set to a value that the log does not contain.</summary>
    public IReadOnlyList<string> UnseenFields { get; init; } = ["country", "merchant_category", "channel"];

    public MoveLimits Missing { get; init; } = new(0.06, 0.75, 0.02, null);

    public MoveLimits RandomMissing { get; init; } = new(0.02, 0.5, 0.02, null);

    public MoveLimits Noise { get; init; } = new(0.01, 0.2, 0.005, 0.9);

    public MoveLimits Unseen { get; init; } = new(0.1, 0.25, 0.02, 0.9);
}

/// <summary>How far scores may move under one kind of change. All limits are 0 to 1.</summary>
/// <param name="DecisionsChangedAtMost">Share of payments with a different decision.</param>
/// <param name="FlagsLostAtMost">Share of flagged payments that are approved after the change.</param>
/// <param name="MeanMoveAtMost">Mean absolute change of the probability.</param>
/// <param name="LargestMoveAtMost">Largest absolute change of the probability; null for no limit.</param>
internal sealed record MoveLimits(double DecisionsChangedAtMost, double FlagsLostAtMost, double MeanMoveAtMost, double? LargestMoveAtMost);

/// <summary>How similarly groups of payments must be treated.</summary>
internal sealed record FairnessSettings
{
    /// <summary>Payment fields to group by.</summary>
    public IReadOnlyList<string> Segments { get; init; } = ["country", "merchant_category", "channel"];

    /// <summary>The mildest decision that counts as flagged. All milder decisions count as approved.</summary>
    public Decision FlaggedFrom { get; init; } = Decision.Review;

    /// <summary>Groups with fewer payments are reported but do not count.</summary>
    public int PaymentsAtLeast { get; init; } = 1000;

    /// <summary>Groups with fewer frauds do not count in the measures on frauds.</summary>
    public int FraudsAtLeast { get; init; } = 30;

    public double ApprovedRatioAtLeast { get; init; } = 0.8;

    public double? FlaggedRatioAtLeast { get; init; }

    public double OpportunityDifferenceAtMost { get; init; } = 0.3;

    public double OddsDifferenceAtMost { get; init; } = 0.3;

    public double FalsePositiveDifferenceAtMost { get; init; } = 0.03;

    /// <summary>The largest certain ratio of observed to expected frauds in a group, or of expected to observed.</summary>
    public double RatioAtMost { get; init; } = 1.5;
}

/// <summary>How much slower than the champion's graph the challenger's may be.</summary>
internal sealed record LatencySettings
{
    public int Runs { get; init; } = 2000;

    public double RatioAtMost { get; init; } = 1.5;
}

/// <summary>The largest difference in probability between graph and trainer, and between batched and single runs of the graph.</summary>
internal sealed record ParitySettings
{
    public double DifferenceAtMost { get; init; } = 1e-6;
}
