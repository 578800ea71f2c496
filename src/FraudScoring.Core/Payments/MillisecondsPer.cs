namespace FraudScoring.Core.Payments;

/// <summary>Durations in milliseconds, the unit of all times in events and profiles.</summary>
public static class MillisecondsPer
{
    /// <summary>1,000.</summary>
    public const long Second = 1_000;

    /// <summary>60,000.</summary>
    public const long Minute = 60 * Second;

    /// <summary>3,600,000.</summary>
    public const long Hour = 60 * Minute;

    /// <summary>86,400,000.</summary>
    public const long Day = 24 * Hour;
}
