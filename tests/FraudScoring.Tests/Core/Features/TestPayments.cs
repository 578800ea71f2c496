using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Features;

internal static class TestPayments
{
    public static Currency Euro { get; } = Currency.TryGet("EUR", out var euro) ? euro : default;

    public static Payment Create(string id, long timeMs, long minor = 100, string card = "card", string merchant = "merchant") => new()
    {
        TransactionId = id, EventTimeMs = timeMs, AmountMinor = minor, Currency = Euro, Card = card, Merchant = merchant, Channel =
            Channel.Ecommerce,
    };

    /// <summary>A payment with every field set.</summary>
    public static Payment Full(string id, long timeMs, long minor = 100) => new()
    {
        TransactionId = id, EventTimeMs = timeMs, AmountMinor = minor, Currency = Euro, Card = "card", Account = "account", Device =
            "device",
        IpAddress = "10.0.0.1", Merchant = "merchant", MerchantCategory = 5411, Country = "DE", Channel = Channel.Contactless,
        Latitude = 52.52, Longitude = 13.405, Attributes = [new("retries", 2, null), new("tier", double.NaN, "gold")],
    };
}
