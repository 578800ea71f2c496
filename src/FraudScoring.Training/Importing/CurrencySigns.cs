using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>The signs that are written next to amounts, and the currencies they may mean.</summary>
internal static class CurrencySigns
{
    private static readonly FrozenDictionary<string, string[]> All = Table();

    /// <summary>The currencies that an ISO 4217 code or a sign may mean, the most common first; null if it is neither.</summary>
    public static IReadOnlyList<string>? CurrenciesOf(string sign) => Currency.TryGet(sign.ToUpperInvariant(), out var currency)
        ? [currency.Code]
        : All.GetValueOrDefault(sign) ?? All.GetValueOrDefault(sign.TrimEnd('.'));

    private static FrozenDictionary<string, string[]> Table()
    {
        const string table = """
            $ USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD SVC TTD TWD UYU XCD ZWL
            US$ USD | A$ AUD | AU$ AUD | C$ CAD NIO | CA$ CAD | CAD$ CAD | HK$ HKD | MX$ MXN | NT$ TWD | NZ$ NZD | R$ BRL | S$ SGD
            € EUR | £ GBP EGP FKP GIP LBP SHP SSP SYP | ¥ JPY CNY | ￥ JPY CNY | 元 CNY | 円 JPY | ₹ INR | ₨ PKR INR LKR MUR NPR SCR
            Rs INR PKR LKR MUR NPR SCR | ₽ RUB | ₩ KRW KPW | ₺ TRY | TL TRY | ₴ UAH | ₪ ILS | ₫ VND | ₱ PHP CUP | ฿ THB | ₦ NGN | ₡ CRC
            ₲ PYG | ₸ KZT | ₼ AZN | ₾ GEL | ₵ GHS | ₭ LAK | ₮ MNT | ៛ KHR | ৳ BDT | ֏ AMD | ؋ AFN | ƒ ANG AWG XCG
            zł PLN | Kč CZK | Ft HUF | kr SEK NOK DKK ISK | Fr CHF | SFr CHF | lei RON MDL | лв BGN | R ZAR | RM MYR | Rp IDR
            """;
        return table.Split(['|', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToFrozenDictionary(words => words[0], words => words[1..], StringComparer.Ordinal);
    }
}
