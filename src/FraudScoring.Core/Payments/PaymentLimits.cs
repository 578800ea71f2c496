namespace FraudScoring.Core.Payments;

/// <summary>The limits that a payment or label must keep to be accepted.</summary>
public sealed record PaymentLimits
{
    /// <summary>Maximum length of an id or token, in characters.</summary>
    public const int TokenLength = 64;

    /// <summary>Maximum length of a text attribute, in characters.</summary>
    public const int AttributeTextLength = 256;

    /// <summary>Maximum number of free attributes per payment.</summary>
    public const int Attributes = 32;

    /// <summary>Maximum length of the text of an IP address, in characters.</summary>
    public const int AddressLength = 45;

    /// <summary>Number of digits of a merchant category code.</summary>
    public const int CategoryDigits = 4;

    /// <summary>Greatest latitude, in degrees north; the least is its negative.</summary>
    public const double Latitude = 90;

    /// <summary>Greatest longitude, in degrees east; the least is its negative.</summary>
    public const double Longitude = 180;

    /// <summary>Maximum age of a payment. Default 24 hours.</summary>
    public TimeSpan MaxEventAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far in the future a payment may be, because clocks differ. Default 2 minutes.</summary>
    public TimeSpan MaxEventAhead { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Earliest time of an event, milliseconds since the Unix epoch. Unlike <see cref="MaxEventAge"/> it does not move with the clock, so a
    /// log gives the same history whenever it is read. Default: none.
    /// </summary>
    public long EarliestMs { get; init; } = long.MinValue;

    /// <summary>No limit on time, for history that is replayed.</summary>
    public static PaymentLimits AnyTime { get; } = new() { MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.MaxValue };
}
