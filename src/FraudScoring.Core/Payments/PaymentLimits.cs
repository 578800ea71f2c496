namespace FraudScoring.Core.Payments;

/// <summary>What a payment or a label may look like to be accepted.</summary>
public sealed record PaymentLimits
{
    /// <summary>Longest id or token, in characters.</summary>
    public const int TokenLength = 64;

    /// <summary>Longest text attribute, in characters.</summary>
    public const int AttributeTextLength = 256;

    /// <summary>Most free attributes of one payment.</summary>
    public const int Attributes = 32;

    /// <summary>How long ago a payment may have been made. Default 24 hours.</summary>
    public TimeSpan MaxEventAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far in the future a payment may lie, since clocks differ. Default 2 minutes.</summary>
    public TimeSpan MaxEventAhead { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>No limit on time: for history that is replayed.</summary>
    public static PaymentLimits AnyTime { get; } = new() { MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.MaxValue };
}
