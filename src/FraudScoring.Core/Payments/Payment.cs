namespace FraudScoring.Core.Payments;

/// <summary>A validated payment: every field is within its limits, and no token is a card number.</summary>
public sealed class Payment
{
    /// <summary>Identifies the payment: events with the same id are the same payment.</summary>
    public required string TransactionId { get; init; }

    /// <summary>When the payment was made, in milliseconds since the Unix epoch.</summary>
    public required long EventTimeMs { get; init; }

    /// <summary>Amount in minor units of <see cref="Currency"/> (cents for EUR, yen for JPY). Not negative.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>The currency of <see cref="AmountMinor"/>.</summary>
    public required Currency Currency { get; init; }

    /// <summary>Token of the card.</summary>
    public required string Card { get; init; }

    /// <summary>Token of the account, or null if unknown.</summary>
    public string? Account { get; init; }

    /// <summary>Token of the device, or null if unknown.</summary>
    public string? Device { get; init; }

    /// <summary>IPv4 or IPv6 address in canonical form, or null if unknown.</summary>
    public string? IpAddress { get; init; }

    /// <summary>Identifies the merchant or its terminal.</summary>
    public required string Merchant { get; init; }

    /// <summary>ISO 18245 merchant category code, 1 to 9999; 0 if unknown.</summary>
    public int MerchantCategory { get; init; }

    /// <summary>ISO 3166-1 alpha-2 country, or null if unknown.</summary>
    public string? Country { get; init; }

    /// <summary>How the payment was made.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Degrees north, -90 to 90; NaN if unknown.</summary>
    public double Latitude { get; init; } = double.NaN;

    /// <summary>Degrees east, -180 to 180; NaN if unknown.</summary>
    public double Longitude { get; init; } = double.NaN;

    /// <summary>Free attributes with unique names, in any order.</summary>
    public IReadOnlyList<PaymentAttribute> Attributes { get; init; } = [];
}

/// <summary>How a payment was made.</summary>
public enum Channel
{
    /// <summary>Card inserted at a terminal.</summary>
    CardPresent = 1,
    /// <summary>Card or phone tapped at a terminal.</summary>
    Contactless = 2,
    /// <summary>Card entered on a web page or in an app.</summary>
    Ecommerce = 3,
    /// <summary>Cash withdrawal.</summary>
    Atm = 4,
    /// <summary>Card details given by mail or telephone.</summary>
    MailOrder = 5,
    /// <summary>Charged by a merchant that stores the card, such as for a subscription.</summary>
    Recurring = 6,
}

/// <summary>A free attribute of a payment: a number (flags are 0 or 1), or a text.</summary>
/// <param name="Name">1 to 64 characters.</param>
/// <param name="Number">The value of a number or flag; NaN for a text.</param>
/// <param name="Text">The value of a text; null for a number or flag.</param>
public readonly record struct PaymentAttribute(string Name, double Number, string? Text);

/// <summary>What an analyst or a chargeback says about a payment, and when.</summary>
public sealed class Label : EntityTokens
{
    /// <summary>The labelled payment.</summary>
    public required string TransactionId { get; init; }

    /// <summary>When the label became known, in milliseconds since the Unix epoch.</summary>
    public required long LabelTimeMs { get; init; }

    /// <summary>When the payment was made, in milliseconds since the Unix epoch.</summary>
    public required long EventTimeMs { get; init; }

    /// <summary>True for fraud, false for legitimate.</summary>
    public required bool Fraud { get; init; }

    /// <summary>Origin of the label, such as "chargeback".</summary>
    public string Source { get; init; } = "";
}
