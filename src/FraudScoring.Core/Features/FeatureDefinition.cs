namespace FraudScoring.Core.Features;

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

/// <summary>What is computed over an entity's history.</summary>
public enum Aggregate
{
    /// <summary>Number of payments in the window.</summary>
    Count,
    /// <summary>Sum of amounts in the window, units of the reference currency.</summary>
    Sum,
    /// <summary>Mean amount in the window; missing when there is none.</summary>
    Mean,
    /// <summary>Population standard deviation of amounts in the window; missing when there is none.</summary>
    Deviation,
    /// <summary>Smallest amount in the window; missing when there is none.</summary>
    Min,
    /// <summary>Largest amount in the window; missing when there is none.</summary>
    Max,
    /// <summary>Number of distinct values of a field in the window.</summary>
    Distinct,
    /// <summary>Number of recent payments in the window that have the same value of a field as this payment.</summary>
    CountSame,
    /// <summary>Seconds since the newest payment; missing when there is none within the longest window.</summary>
    TimeSinceLast,
    /// <summary>Seconds since the oldest payment ever seen; missing when there is none.</summary>
    TimeSinceFirst,
    /// <summary>Great-circle kilometres from the newest located payment; missing when there is none within the longest window.</summary>
    Distance,
    /// <summary>Kilometres per hour from the newest located payment; missing when there is none within the longest window.</summary>
    Speed,
    /// <summary>Number of payments that became known as fraud in the window.</summary>
    FraudCount,
    /// <summary>Seconds since a payment last became known as fraud; missing when none is kept.</summary>
    TimeSinceFraud,
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

internal readonly record struct AggregateInstruction(int Feature, Aggregate Aggregate, int Window, int Dimension);

internal readonly record struct FormulaInstruction(int Feature, FormulaOperator Operator, FormulaArgument A, FormulaArgument B, FormulaArgument C);
