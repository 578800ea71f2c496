using FraudScoring.Core.Payments;

namespace FraudScoring.Simulation;

/// <summary>A payment in the making: scenarios may still change it.</summary>
internal struct Draft
{
    /// <summary>Milliseconds since midnight.</summary>
    public required int TimeMs;

    public required int Customer;

    /// <summary>Which of the customer's cards.</summary>
    public required int Card;

    /// <summary>Counts a customer's own payments of a day from 0.</summary>
    public int Ordinal;

    /// <summary>Index among the Handbook's terminals, or -1 for a merchant abroad.</summary>
    public required int Terminal;

    public required Merchant Merchant;

    public required Channel Channel;

    /// <summary>Amount in euro cents.</summary>
    public required long Cents;

    public FraudScenario Scenario;

    public string? Device;

    public string? Address;

    /// <summary>Where the payer is, for payments that are not made in person.</summary>
    public string? PayerCountry;

    /// <summary>The payment as a payment system sees it: in person at the merchant's place, otherwise from the payer's country.</summary>
    public readonly Payment ToPayment(Customer customer, string id, long midnightMs) => new()
    {
        TransactionId = id,
        EventTimeMs = midnightMs + TimeMs,
        AmountMinor = customer.Prices.FromEuroCents(Cents),
        Currency = customer.Prices.Currency,
        Card = customer.Cards[Card],
        Account = customer.Account,
        Device = Device,
        IpAddress = Address,
        Merchant = Merchant.Id,
        MerchantCategory = Merchant.Category,
        Country = PayerCountry ?? Merchant.Country,
        Channel = Channel,
        Latitude = PayerCountry is null ? Merchant.Latitude : double.NaN,
        Longitude = PayerCountry is null ? Merchant.Longitude : double.NaN,
    };
}
