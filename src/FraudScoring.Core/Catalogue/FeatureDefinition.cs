namespace FraudScoring.Core.Catalogue;

/// <summary>One feature of the catalogue: one column of the row.</summary>
public sealed record FeatureDefinition
{
    /// <summary>Unique name, in snake case; what models ask for.</summary>
    public required string Name { get; init; }

    /// <summary>Position in the row.</summary>
    public required int Index { get; init; }

    /// <summary>What the feature means, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>The reason a contribution of this feature is told under, or null when it is never told.</summary>
    public required string? Reason { get; init; }

    /// <summary>Position of the entity whose history is read; -1 for what the payment says and for formulas.</summary>
    public int Entity { get; init; } = -1;

    /// <summary>Name of the aggregate that is computed over the history, such as "count"; null where there is none.</summary>
    public string? Aggregate { get; init; }

    /// <summary>Length of the window in milliseconds; 0 when there is none.</summary>
    public long WindowMs { get; init; }

    /// <summary>How long before now the window ends, in milliseconds.</summary>
    public long DelayMs { get; init; }

    /// <summary>Unit of the value, such as "payments", "EUR", "seconds", "km/h" or "0/1".</summary>
    public string Unit { get; init; } = "";

    /// <summary>How far the value may be from the truth, as a sentence.</summary>
    public string ErrorBound { get; init; } = "";

    /// <summary>
    /// All that decides the value, in one line that is the same for the same meaning; texts and reasons are not part of it.
    /// </summary>
    public string Meaning { get; init; } = "";
}

/// <summary>What a payment itself says, as a number.</summary>
public enum PaymentValue
{
    /// <summary>Amount in units of the reference currency.</summary>
    Amount,
    /// <summary>Hour of the day, 0 to 23, UTC.</summary>
    HourOfDay,
    /// <summary>Day of the week, 0 (Monday) to 6.</summary>
    DayOfWeek,
    /// <summary>Hour of the week, 0 (Monday 00:00) to 167, UTC.</summary>
    HourOfWeek,
    /// <summary>1 on Saturday and Sunday, else 0.</summary>
    IsWeekend,
    /// <summary>1 from 00:00 to 06:59 UTC, else 0.</summary>
    IsNight,
    /// <summary>The number of the channel, 1 to 6.</summary>
    Channel,
    /// <summary>Merchant category code; missing when not known.</summary>
    MerchantCategory,
    /// <summary>1 when the payment names a device, else 0.</summary>
    HasDevice,
    /// <summary>A free attribute; missing when the payment does not have it or it is a text.</summary>
    Attribute,
}

/// <summary>How a feature is computed from others. A missing argument gives a missing value.</summary>
public enum FormulaOperator
{
    /// <summary>a / b; missing when b is 0.</summary>
    Ratio,
    /// <summary>a - b.</summary>
    Difference,
    /// <summary>(x - mean) / deviation; missing when the deviation is 0.</summary>
    ZScore,
    /// <summary>ln(1 + max(a, 0)).</summary>
    Log,
    /// <summary>1 when a &gt; b, else 0.</summary>
    Greater,
    /// <summary>1 when a = 0, else 0.</summary>
    IsNew,
    /// <summary>1 when a &lt; b, else 0.</summary>
    Less,
    /// <summary>1 when a = b, else 0.</summary>
    Equal,
    /// <summary>The smaller of a and b.</summary>
    Min,
    /// <summary>The larger of a and b.</summary>
    Max,
}

/// <summary>An argument of a formula: another feature, or a constant.</summary>
/// <param name="Feature">Row index of the feature, or -1.</param>
/// <param name="Constant">The constant when there is no feature.</param>
public readonly record struct FormulaArgument(int Feature, float Constant)
{
    /// <summary>No argument: operators differ in how many they take.</summary>
    public static readonly FormulaArgument None = new(-1, float.NaN);

    /// <summary>The argument's value in a row.</summary>
    public float In(ReadOnlySpan<float> row) => Feature >= 0 ? row[Feature] : Constant;
}

internal readonly record struct PaymentInstruction(int Feature, PaymentValue Value, string? Attribute);

/// <summary>One aggregate of one entity.</summary>
/// <param name="Feature">Row index.</param>
/// <param name="Aggregate">The aggregate's position in the table of aggregates.</param>
/// <param name="Window">Index among the plan's windows, or its label windows, or -1.</param>
/// <param name="Dimension">Index among the plan's dimensions, or -1.</param>
/// <param name="Filter">Index among the plan's filters, or -1. A window knows its own.</param>
/// <param name="Quantile">The share of amounts that the value is not below, for a quantile.</param>
/// <param name="SpanMs">Half-life, or length of a window over attempts, in milliseconds.</param>
/// <param name="Times">How many times the median an unusual amount is above.</param>
internal readonly record struct AggregateInstruction(
    int Feature, int Aggregate, int Window, int Dimension, int Filter, double Quantile, long SpanMs, double Times);

internal readonly record struct FormulaInstruction(
    int Feature, FormulaOperator Operator, FormulaArgument A, FormulaArgument B, FormulaArgument C);
