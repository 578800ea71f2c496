namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>What a gate says.</summary>
public enum GateStatus
{
    Passed,
    Failed,

    /// <summary>Failed, and someone answers for letting it pass.</summary>
    Waived,

    /// <summary>There is nothing to measure it on, such as a champion for the first model.</summary>
    NotApplicable,
}

/// <summary>One gate.</summary>
/// <param name="Name">Stable name, such as "quality.average_precision": family, then measure.</param>
/// <param name="Status">What it says.</param>
/// <param name="Value">What was measured; null when nothing was.</param>
/// <param name="Limit">What it is held against.</param>
/// <param name="IsAtLeast">True when the value must not be below the limit, false when it must not be above it.</param>
/// <param name="Detail">How it came about, in a sentence.</param>
internal sealed record GateResult(string Name, GateStatus Status, double? Value, double Limit, bool IsAtLeast, string Detail)
{
    /// <summary>The name's first part.</summary>
    public string Family => Name[..Name.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>A gate that wants at least the limit. What is not a number fails.</summary>
    public static GateResult AtLeast(string name, double value, double limit, string detail) =>
        new(name, value >= limit ? GateStatus.Passed : GateStatus.Failed, ValueOf(value), limit, true, detail);

    /// <summary>A gate that wants at most the limit. What is not a number fails.</summary>
    public static GateResult AtMost(string name, double value, double limit, string detail) =>
        new(name, value <= limit ? GateStatus.Passed : GateStatus.Failed, ValueOf(value), limit, false, detail);

    /// <summary>A gate with nothing to measure.</summary>
    public static GateResult NotApplicable(string name, double limit, bool isAtLeast, string why) =>
        new(name, GateStatus.NotApplicable, null, limit, isAtLeast, why);

    private static double? ValueOf(double value) => double.IsFinite(value) ? value : null;
}
