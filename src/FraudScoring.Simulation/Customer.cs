using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>One payer: the Handbook's profile, and what identifies them to a payment system.</summary>
internal sealed class Customer
{
    /// <summary>Place of the home on the plane, 0 to 100.</summary>
    public required double X { get; init; }

    /// <inheritdoc cref="X"/>
    public required double Y { get; init; }

    /// <summary>Mean amount in euros, 5 to 100; the deviation is half of it.</summary>
    public required double MeanAmount { get; init; }

    /// <summary>Payments a day, 0 to 4.</summary>
    public required double PaymentsPerDay { get; init; }

    /// <summary>One or two.</summary>
    public required string[] Cards { get; init; }

    public required string Account { get; init; }

    /// <summary>One to three, the most used first.</summary>
    public required string[] Devices { get; init; }

    public required string HomeAddress { get; init; }

    public required int Region { get; init; }

    public string Country => Geography.CountryOf(Region);

    public required PriceLevel Prices { get; init; }
}

/// <summary>A currency and its approximate rate per euro.</summary>
internal readonly record struct PriceLevel(Currency Currency, double PerEuro)
{
    private static readonly PriceLevel Euro = Create("EUR", 1);

    private static readonly PriceLevel[] Others =
    [
        Create("USD", 1.1), Create("USD", 1.1), Create("GBP", 0.85), Create("GBP", 0.85), Create("CHF", 0.95), Create("PLN", 4.3),
        Create("SEK", 11), Create("JPY", 160),
    ];

    /// <summary>Euros for most, something else for one customer in fourteen.</summary>
    public static PriceLevel Draw(RandomStream random) => random.Chance(0.07) ? random.Pick(Others) : Euro;

    /// <summary>Converts euro cents to minor units of this currency.</summary>
    public long FromEuroCents(long cents) =>
        PerEuro == 1 ? cents : (long)Math.Round(cents * PerEuro * Currency.MinorPerUnit / 100);

    private static PriceLevel Create(string code, double perEuro)
    {
        Currency.TryGet(code, out Currency currency);
        return new(currency, perEuro);
    }
}
