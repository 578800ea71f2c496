namespace FraudScoring.Core.Catalogue;

/// <summary>A feature of the catalogue, which is one column of the row.</summary>
public sealed record FeatureDefinition
{
    /// <summary>Unique name in snake case, by which models request the feature.</summary>
    public required string Name { get; init; }

    /// <summary>Index in the feature row, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>What the feature means, as a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>Code of the reason that contributions of this feature are reported under; null if they are never reported.</summary>
    public required string? Reason { get; init; }

    /// <summary>Index of the entity whose history is read; -1 for values of the payment and for formulas.</summary>
    public int Entity { get; init; } = -1;

    /// <summary>Name of the aggregate over the history, such as "count"; null for values of the payment and for formulas.</summary>
    public string? Aggregate { get; init; }

    /// <summary>Length of the window in milliseconds; 0 without a window.</summary>
    public long WindowMs { get; init; }

    /// <summary>Distance of the window's end from now, in milliseconds.</summary>
    public long DelayMs { get; init; }

    /// <summary>Unit of the value, such as "payments", "EUR", "seconds", "km/h" or "0/1".</summary>
    public string Unit { get; init; } = "";

    /// <summary>The error of the value compared with all payments ever made, as a sentence.</summary>
    public string ErrorBound { get; init; } = "";

    /// <summary>
    /// Everything that determines the value, as one line of text: two features with equal text have equal values. Texts and reasons are not
    /// part of it.
    /// </summary>
    public string Meaning { get; init; } = "";
}

/// <summary>A value that is read from the payment itself.</summary>
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
    /// <summary>Merchant category code; missing if unknown.</summary>
    MerchantCategory,
    /// <summary>1 if the payment names a device, else 0.</summary>
    HasDevice,
    /// <summary>A number or flag among the free attributes; missing if the payment does not have it or it is a text.</summary>
    Attribute,
}

/// <summary>How a feature is computed from others. The value is missing if an argument is missing.</summary>
public enum FormulaOperator
{
    /// <summary>a / b; missing if b is 0.</summary>
    Ratio,
    /// <summary>a - b.</summary>
    Difference,
    /// <summary>(x - mean) / deviation; missing if the deviation is 0.</summary>
    ZScore,
    /// <summary>ln(1 + max(a, 0)).</summary>
    Log,
    /// <summary>1 if a &gt; b, else 0.</summary>
    Greater,
    /// <summary>1 if a = 0, else 0.</summary>
    IsNew,
    /// <summary>1 if a &lt; b, else 0.</summary>
    Less,
    /// <summary>1 if a = b, else 0.</summary>
    Equal,
    /// <summary>The smaller of a and b.</summary>
    Min,
    /// <summary>The larger of a and b.</summary>
    Max,
}

/// <summary>An argument of a formula: another feature, or a constant.</summary>
/// <param name="Feature">Row index of the feature; -1 for a constant.</param>
/// <param name="Constant">The constant, if there is no feature.</param>
public readonly record struct FormulaArgument(int Feature, float Constant)
{
    /// <summary>Stands for an argument that the operator does not have.</summary>
    public static readonly FormulaArgument None = new(-1, float.NaN);

    /// <summary>The argument's value in a row.</summary>
    public float In(ReadOnlySpan<float> row) => Feature >= 0 ? row[Feature] : Constant;
}

internal readonly record struct PaymentInstruction(int Feature, PaymentValue Value, string? Attribute);

/// <summary>The computation of one aggregate of one entity. Members that do not apply are 0 or -1.</summary>
/// <param name="Feature">Row index.</param>
/// <param name="Aggregate">The aggregate's position in the table of aggregates.</param>
/// <param name="Window">Index among the plan's windows, or its label windows, or -1.</param>
/// <param name="Dimension">Index among the plan's dimensions, or -1.</param>
/// <param name="Filter">Index among the plan's filters, or -1. Windows have their own filter.</param>
/// <param name="Quantile">The quantile, between 0 and 1.</param>
/// <param name="SpanMs">Half-life, or length of the window over attempts, in milliseconds.</param>
/// <param name="Times">An amount is unusual above this multiple of the median.</param>
/// <param name="ReadsLabels">True if the value depends on labels.</param>
internal readonly record struct AggregateInstruction(
    int Feature, int Aggregate, int Window, int Dimension, int Filter, double Quantile, long SpanMs, double Times,
    bool ReadsLabels);

internal readonly record struct FormulaInstruction(
    int Feature, FormulaOperator Operator, FormulaArgument A, FormulaArgument B, FormulaArgument C);
