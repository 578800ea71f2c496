namespace FraudScoring.Core.Payments;

/// <summary>Converts decimal amounts, as payment systems send them, to minor units and back without rounding.</summary>
public static class DecimalAmount
{
    /// <summary>The amount of a payment in a currency without an exchange rate, in place of minor units. No amount is negative.</summary>
    public const long Unknown = -1;

    /// <summary>The largest accepted amount in minor units: ten billion euros in cents.</summary>
    public const long MaxMinor = 1_000_000_000_000;

    /// <summary>What is wrong with an amount above <see cref="MaxMinor"/>, as the end of a sentence about its field.</summary>
    public const string TooLarge = "exceeds the largest accepted amount (1000000000000 minor units)";

    /// <summary>
    /// Reads "12.34" as 1234 minor units. Accepts only digits and one point: no sign, no exponent, no separators, and no more decimals than
    /// the currency has, so that nothing is rounded.
    /// </summary>
    /// <returns>Null on success; otherwise an error message without the text itself.</returns>
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
    /// Checks an amount of an unknown currency: reports only errors that are errors in every currency. It may have up to four decimals, and
    /// is too large only if it is in a currency without minor units.
    /// </summary>
    /// <returns>Null if the text may be a valid amount; otherwise an error message.</returns>
    public static string? ParseAny(ReadOnlySpan<char> text, out long minor)
    {
        var problem = Parse(text, new Currency("any currency", 4), out minor);
        var whole = text.IndexOf('.') is >= 0 and var point ? text[..point] : text;
        return problem == TooLarge ? Parse(whole, new Currency("any currency", 0), out minor) : problem;
    }

    /// <summary>Formats minor units as a decimal: 1234 euro cents as "12.34".</summary>
    public static string Format(long minor, Currency currency) => currency.Digits == 0
        ? minor.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : (minor / (decimal)currency.MinorPerUnit).ToString("F" + currency.Digits, System.Globalization.CultureInfo.InvariantCulture);
}
