using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>What a bundle must reach before it may be promoted: <c>models/gates.json</c>. A limit of null is reported but not judged.</summary>
internal sealed record GateSettings
{
    /// <summary>Draws and noise come from it: the same seed gives the same report.</summary>
    public int Seed { get; init; } = 20261101;

    public PeriodSettings Period { get; init; } = new();

    public QualitySettings Quality { get; init; } = new();

    public CalibrationSettings Calibration { get; init; } = new();

    public StabilitySettings Stability { get; init; } = new();

    public RobustnessSettings Robustness { get; init; } = new();

    public FairnessSettings Fairness { get; init; } = new();

    public LatencySettings Latency { get; init; } = new();

    public ParitySettings Parity { get; init; } = new();
}

/// <summary>What the payments of the period must be enough for.</summary>
internal sealed record PeriodSettings
{
    public int FraudsAtLeast { get; init; } = 100;
}

/// <summary>How much worse than the champion a challenger may be, at the lower bound of the interval.</summary>
internal sealed record QualitySettings
{
    public int Resamples { get; init; } = 1000;

    public double Confidence { get; init; } = 0.95;

    public double AveragePrecisionTolerance { get; init; } = 0.01;

    public double AucTolerance { get; init; } = 0.01;
}

/// <summary>How far probabilities may be from what happened.</summary>
internal sealed record CalibrationSettings
{
    public double ErrorAtMost { get; init; } = 0.01;
}

/// <summary>How far the worst fold of time may be from the mean of all.</summary>
internal sealed record StabilitySettings
{
    public int FoldDays { get; init; } = 7;

    /// <summary>Folds with fewer are not counted.</summary>
    public int FraudsAtLeast { get; init; } = 50;

    public double AveragePrecisionWorstToMeanAtLeast { get; init; } = 0.85;

    public double AucWorstToMeanAtLeast { get; init; } = 0.95;

    public double CalibrationErrorAtMost { get; init; } = 0.02;
}

/// <summary>How payments are changed, and how far scores may move for it.</summary>
internal sealed record RobustnessSettings
{
    /// <summary>Payments that are changed, spread evenly over the period.</summary>
    public int Payments { get; init; } = 20_000;

    public double MissingShare { get; init; } = 0.1;

    public double NoiseShare { get; init; } = 0.1;

    /// <summary>Fields of the payment that get a value never seen.</summary>
    public IReadOnlyList<string> UnseenFields { get; init; } = ["country", "merchant_category", "channel"];

    public MoveLimits Missing { get; init; } = new(0.06, 0.75, 0.02, null);

    public MoveLimits RandomMissing { get; init; } = new(0.02, 0.5, 0.02, null);

    public MoveLimits Noise { get; init; } = new(0.01, 0.2, 0.005, 0.9);

    public MoveLimits Unseen { get; init; } = new(0.1, 0.25, 0.02, 0.9);
}

/// <summary>How far scores may move.</summary>
/// <param name="DecisionsChangedAtMost">Share of the payments decided otherwise.</param>
/// <param name="FlagsLostAtMost">Share of the flagged payments that are approved after the change.</param>
/// <param name="MeanMoveAtMost">Mean move of the probability.</param>
/// <param name="LargestMoveAtMost">Largest move of the probability.</param>
internal sealed record MoveLimits(double DecisionsChangedAtMost, double FlagsLostAtMost, double MeanMoveAtMost, double? LargestMoveAtMost);

/// <summary>How alike groups of payments must be treated.</summary>
internal sealed record FairnessSettings
{
    /// <summary>Fields whose values make the groups.</summary>
    public IReadOnlyList<string> Segments { get; init; } = ["country", "merchant_category", "channel"];

    /// <summary>The least severe decision that counts as flagged; what is not flagged counts as approved.</summary>
    public Decision FlaggedFrom { get; init; } = Decision.Review;

    /// <summary>Smaller groups are reported and not counted.</summary>
    public int PaymentsAtLeast { get; init; } = 1000;

    /// <summary>Groups with fewer frauds are left out of what is measured on frauds.</summary>
    public int FraudsAtLeast { get; init; } = 30;

    public double ApprovedRatioAtLeast { get; init; } = 0.8;

    public double? FlaggedRatioAtLeast { get; init; }

    public double OpportunityDifferenceAtMost { get; init; } = 0.3;

    public double OddsDifferenceAtMost { get; init; } = 0.3;

    public double FalsePositiveDifferenceAtMost { get; init; } = 0.03;

    public double CalibrationErrorAtMost { get; init; } = 0.02;
}

/// <summary>How much slower than the champion's a challenger's graph may be.</summary>
internal sealed record LatencySettings
{
    public int Runs { get; init; } = 2000;

    public double RatioAtMost { get; init; } = 1.5;
}

/// <summary>How far the graph may be from the trainer, and its batched run from its run one by one, in probability.</summary>
internal sealed record ParitySettings
{
    public double DifferenceAtMost { get; init; } = 1e-6;
}
