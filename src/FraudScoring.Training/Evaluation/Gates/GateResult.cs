namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Status of a gate.</summary>
public enum GateStatus
{
    Passed,
    Failed,

    /// <summary>Failed, but waived by a named person with a reason.</summary>
    Waived,

    /// <summary>Nothing to measure, for example no champion to compare with.</summary>
    NotApplicable,
}

/// <summary>The result of one gate.</summary>
/// <param name="Name">Stable name: family and measure, such as "quality.average_precision".</param>
/// <param name="Status">The status.</param>
/// <param name="Value">The measured value; null if there is none or it is not finite.</param>
/// <param name="Limit">The limit.</param>
/// <param name="IsAtLeast">True if the limit is a lower bound, false if it is an upper bound.</param>
/// <param name="Detail">One sentence on what was measured.</param>
internal sealed record GateResult(string Name, GateStatus Status, double? Value, double Limit, bool IsAtLeast, string Detail)
{
    /// <summary>The first part of the name.</summary>
    public string Family => Name[..Name.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Passes if the value is at least the limit. NaN fails, because every comparison with NaN is false.</summary>
    public static GateResult AtLeast(string name, double value, double limit, string detail) =>
        new(name, value >= limit ? GateStatus.Passed : GateStatus.Failed, ValueOf(value), limit, true, detail);

    /// <summary>Passes if the value is at most the limit. NaN fails, because every comparison with NaN is false.</summary>
    public static GateResult AtMost(string name, double value, double limit, string detail) =>
        new(name, value <= limit ? GateStatus.Passed : GateStatus.Failed, ValueOf(value), limit, false, detail);

    public static GateResult NotApplicable(string name, double limit, bool isAtLeast, string why) =>
        new(name, GateStatus.NotApplicable, null, limit, isAtLeast, why);

    private static double? ValueOf(double value) => double.IsFinite(value) ? value : null;
}
