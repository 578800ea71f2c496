using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// Converts amounts to the reference currency, by rates that hold from a day on. Immutable. Not part of the catalogue: rates change every
/// day, and neither models nor profiles become invalid by that.
/// </summary>
public sealed class ExchangeRates
{
    private readonly FrozenDictionary<string, DatedRate[]> _rates;

    internal ExchangeRates(string hash, Currency reference, IReadOnlyDictionary<string, DatedRate[]> rates)
    {
        Hash = hash;
        Reference = reference;
        _rates = rates.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>SHA-256 of the file, 64 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>The currency that amounts are converted to.</summary>
    public Currency Reference { get; }

    /// <summary>
    /// Converts a payment's amount to minor units of the reference currency at the rate of its event time, rounded half up and capped at
    /// <see cref="DecimalAmount.MaxMinor"/>.
    /// </summary>
    /// <remarks>
    /// Profiles sum amounts as integers: an integer sum does not depend on the order of its terms, so events can arrive in any order and
    /// serving and training still agree to the bit. A sum of doubles would differ in its last bits. Rates are integers too, in units of
    /// 1e-9. With the cap, the 64-bit sum of a tile overflows only after nine million payments of the largest amount.
    /// </remarks>
    /// <returns><see cref="DecimalAmount.Unknown"/> if the currency has no rate at that time.</returns>
    public long Convert(Payment payment)
    {
        if (payment.Currency.Code == Reference.Code)
        {
            return Math.Min(payment.AmountMinor, DecimalAmount.MaxMinor);
        }
        if (RateE9(payment.Currency.Code, payment.EventTimeMs) is var rate && rate == 0)
        {
            return DecimalAmount.Unknown;
        }
        var amount = (((Int128)payment.AmountMinor * rate) + 500_000_000) / 1_000_000_000;
        return (long)Int128.Min(amount, DecimalAmount.MaxMinor);
    }

    /// <summary>Whether amounts of a currency can be converted at a time (milliseconds since the Unix epoch).</summary>
    public bool HasRate(string currency, long timeMs) => currency == Reference.Code || RateE9(currency, timeMs) > 0;

    /// <summary>The rate of a currency at a time; 0 if there is none.</summary>
    private long RateE9(string currency, long timeMs)
    {
        if (_rates.TryGetValue(currency, out var dated))
        {
            // From the end, since almost every payment is new.
            for (var i = dated.Length - 1; i >= 0; i--)
            {
                if (dated[i].FromMs <= timeMs)
                {
                    return dated[i].RateE9;
                }
            }
        }
        return 0;
    }
}

/// <summary>The value of a minor unit of a currency from a day on.</summary>
/// <param name="FromMs">Beginning of the day (UTC), milliseconds since the Unix epoch.</param>
/// <param name="RateE9">Minor units of the reference currency, in units of 1e-9.</param>
internal readonly record struct DatedRate(long FromMs, long RateE9);
