namespace FraudScoring.Core.Payments;

/// <summary>Decimal amounts as payment systems send them, read exactly into minor units.</summary>
public static class DecimalAmount
{
    /// <summary>The largest amount accepted, in minor units: ten thousand million cents.</summary>
    public const long MaxMinor = 1_000_000_000_000;

    /// <summary>
    /// Reads "12.34" as 1234 minor units. Only digits and one point are accepted: no sign, no exponent, no separators, and no more
    /// decimals than the currency has, so that nothing is ever rounded away.
    /// </summary>
    /// <returns>Null when <paramref name="minor"/> is right; else what is wrong with the text.</returns>
    public static string? Parse(ReadOnlySpan<char> text, Currency currency, out long minor)
    {
        minor = 0;
        if (text.IsEmpty)
        {
            return "is required; give a decimal such as \"12.34\"";
        }
        if (text[0] == '-')
        {
            return "is negative; a payment's amount is zero or more";
        }
        int whole = 0, decimals = -1;
        foreach (var c in text)
        {
            if (c == '.' && decimals < 0)
            {
                decimals = 0;
                continue;
            }
            if (!char.IsAsciiDigit(c))
            {
                return "is not a plain decimal number such as \"12.34\"";
            }
            if (minor > MaxMinor)
            {
                return TooLarge;
            }
            minor = (minor * 10) + (c - '0');
            _ = decimals < 0 ? whole++ : decimals++;
        }
        if (whole == 0 || decimals == 0)
        {
            return "is not a plain decimal number such as \"12.34\"";
        }
        if (decimals > currency.Digits)
        {
            return $"has more decimals than {currency.Code} allows ({currency.Digits})";
        }
        for (var i = Math.Max(decimals, 0); i < currency.Digits; i++)
        {
            minor *= 10;
        }
        return minor > MaxMinor ? TooLarge : null;
    }

    /// <summary>
    /// Reads an amount whose currency is not known: what is wrong with it is wrong in every currency. It has up to four decimals, and is
    /// too large only when it would be without a minor unit.
    /// </summary>
    /// <returns>Null when the text may be an amount; else what is wrong with it.</returns>
    public static string? ParseAny(ReadOnlySpan<char> text, out long minor)
    {
        var problem = Parse(text, new Currency("any currency", 4), out minor);
        var whole = text.IndexOf('.') is >= 0 and var point ? text[..point] : text;
        return problem == TooLarge ? Parse(whole, new Currency("any currency", 0), out minor) : problem;
    }

    private const string TooLarge = "is larger than a payment can be (1000000000000 minor units)";

    /// <summary>Writes minor units as a decimal: 1234 EUR cents as "12.34".</summary>
    public static string Format(long minor, Currency currency) => currency.Digits == 0
        ? minor.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : (minor / (decimal)currency.MinorPerUnit).ToString("F" + currency.Digits, System.Globalization.CultureInfo.InvariantCulture);
}
