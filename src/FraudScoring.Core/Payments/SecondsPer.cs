namespace FraudScoring.Core.Payments;

/// <summary>Durations in seconds, the unit of most options.</summary>
public static class SecondsPer
{
    /// <summary>3,600.</summary>
    public const int Hour = 3_600;

    /// <summary>86,400.</summary>
    public const int Day = 86_400;
}
