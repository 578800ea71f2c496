using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Turns the texts of amounts into the plain decimals that the service accepts. Nothing is rounded unless the mapping says so.
/// </summary>
internal sealed class AmountReader(AmountSource source, NumberFormat format)
{
    private const int MostWholeDigits = 13;
    private long _otherSeparators, _threeDecimals, _otherDecimals;

    /// <summary>
    /// Why no log can be written: amounts like 1.500 are accepted, and would be wrong by a factor of 1000 if other amounts of the table are
    /// right with a decimal comma. Null if there is no such doubt.
    /// </summary>
    public string? Refusal => _threeDecimals == 0 || _otherSeparators == 0 ? null : string.Create(CultureInfo.InvariantCulture,
        $"{_threeDecimals:#,0} amounts have three digits after a {Name(format.Decimal)}, and other amounts have a ")
        + $"{Name(format.OtherSeparator)}: the {Name(format.Decimal)} may separate thousands; set \"decimal\" and \"thousands\" in the "
        + "mapping";

    /// <summary>What is doubtful about the amounts that were read.</summary>
    public IEnumerable<string> Warnings()
    {
        if (_threeDecimals > 0 && _otherDecimals == 0 && _otherSeparators == 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"all {_threeDecimals:#,0} amounts with a {Name(format.Decimal)} have three digits after it: if it separates thousands, ")
                + $"set \"thousands\": \"{format.Decimal}\" and \"decimal\": \"{format.OtherSeparator}\" in the mapping";
        }
        if (_otherDecimals > 0 && _otherSeparators > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"amounts with decimals after a {Name(format.Decimal)}: {_otherDecimals:#,0}; ")
                + string.Create(CultureInfo.InvariantCulture, $"with a {Name(format.OtherSeparator)}: {_otherSeparators:#,0}; ")
                + "the table mixes number formats, so check that each is read as it is meant";
        }
    }

    /// <summary>Reads an amount.</summary>
    /// <param name="text">The column's text.</param>
    /// <param name="code">Code of the payment's currency.</param>
    /// <param name="amount">The amount without its sign, with as many decimals as the currency has; empty if it is missing.</param>
    /// <param name="isRefund">True if the row is a refund, and no payment.</param>
    /// <returns>The fault, or null.</returns>
    public string? Parse(string text, string code, out string amount, out bool isRefund)
    {
        (amount, isRefund) = ("", false);
        var core = text.AsSpan().Trim();
        if (core.IsEmpty)
        {
            return null;
        }
        if (StripSigns(ref core, code, out var isNegative) is { } problem)
        {
            return problem;
        }
        var number = core.ToString();
        var foreign = format.Normalize(number, out var plain);
        if (foreign is not null)
        {
            var isOther = format.Thousands != format.OtherSeparator && number.Contains(format.OtherSeparator, StringComparison.Ordinal);
            _otherSeparators += isOther ? 1 : 0;
            return foreign;
        }
        if (!Currency.TryGet(code, out var currency))
        {
            // A fault of its own; of the amount, the validation checks only the form.
            amount = plain;
            return null;
        }
        problem = ToMinor(plain, currency, out var minor);
        if (problem is null)
        {
            Survey(plain, currency);
            amount = DecimalAmount.Format(minor, currency);
            isRefund = minor > 0 && isNegative != source.NegativeIsPayment;
        }
        return problem;
    }

    /// <summary>Removes minus, parentheses, and currency signs or codes from both ends.</summary>
    private static string? StripSigns(ref ReadOnlySpan<char> core, string code, out bool isNegative)
    {
        isNegative = false;
        while (!core.IsEmpty)
        {
            var (first, last, before) = (core[0], core[^1], core.Length);
            if (first == '(' && last == ')')
            {
                core = core[1..^1];
            }
            else if (IsMinus(first) || first == '+')
            {
                core = core[1..];
            }
            else if (IsMinus(last))
            {
                core = core[..^1];
            }
            if (core.Length < before)
            {
                if (first != '+' && isNegative)
                {
                    return "has more than one sign";
                }
                isNegative |= first != '+';
            }
            else
            {
                var sign = SignOf(core, out var rest);
                if (sign.IsEmpty)
                {
                    return null;
                }
                if (CheckSign(sign.ToString(), code) is { } problem)
                {
                    return problem;
                }
                core = rest;
            }
            core = core.Trim();
        }
        return NotANumber;
    }

    private const string NotANumber = "is not a plain decimal number such as \"12.34\", nor one with a currency sign or code";

    private static bool IsMinus(char c) => c is '-' or '\u2212';

    /// <summary>The sign or code at the beginning or at the end; empty if there is none.</summary>
    private static ReadOnlySpan<char> SignOf(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < text.Length && IsOfSign(text[length]))
        {
            length++;
        }
        if (length > 0)
        {
            // The point of "Rs." belongs to the sign.
            length += length < text.Length && text[length] == '.' && char.IsLetter(text[length - 1]) ? 1 : 0;
            rest = text[length..];
            return text[..length];
        }
        var start = text.Length;
        // As above, but "5." ends with a decimal point.
        start -= text.Length > 1 && text[^1] == '.' && IsOfSign(text[^2]) ? 1 : 0;
        while (start > 0 && IsOfSign(text[start - 1]))
        {
            start--;
        }
        rest = text[..start];
        return text[start..];
    }

    private static bool IsOfSign(char c) => char.IsLetter(c) || char.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol;

    private static string? CheckSign(string sign, string code)
    {
        if (CurrencySigns.CurrenciesOf(sign) is not { } currencies)
        {
            return NotANumber;
        }
        return !Currency.TryGet(code, out _) || currencies.Contains(code) ? null
            : $"is written in {currencies[0]} ({sign}), but the currency is {code}";
    }

    private string? ToMinor(string plain, Currency currency, out long minor)
    {
        minor = 0;
        if (plain.AsSpan().ContainsAny('e', 'E') && !source.Round)
        {
            return "is in scientific notation, which may have lost digits; export the column as text, or set \"round\": true";
        }
        if (!char.IsAsciiDigit(plain[0]) && plain[0] != '.')
        {
            return NotANumber;
        }
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(plain, style, CultureInfo.InvariantCulture, out var value))
        {
            return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? DecimalAmount.TooLarge : NotANumber;
        }
        if (value >= (decimal)Math.Pow(10, MostWholeDigits))
        {
            return DecimalAmount.TooLarge;
        }
        value *= source.MinorUnits ? 1 : currency.MinorPerUnit;
        var whole = Math.Round(value, MidpointRounding.AwayFromZero);
        if (!source.Round && (whole != value || HasLostDecimals(plain)))
        {
            var what = source.MinorUnits ? "is not a whole number of minor units"
                : $"has more decimals than {currency.Code} allows ({currency.Digits})";
            return what + "; set \"round\": true in the mapping's amount if these are binary fractions";
        }
        minor = whole > DecimalAmount.MaxMinor ? 0 : (long)whole;
        return whole > DecimalAmount.MaxMinor ? DecimalAmount.TooLarge : null;
    }

    /// <summary>A decimal has 28 digits; of longer texts, all that follow must be zeros.</summary>
    private static bool HasLostDecimals(string plain) => plain.Length > 28 && plain.AsSpan(28).ContainsAnyInRange('1', '9');

    /// <summary>Counts whether the decimals of an amount could be the last group of thousands.</summary>
    private void Survey(string plain, Currency currency)
    {
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
        {
            return;
        }
        var isDoubtful = format.Thousands is null && currency.Digits != 3 && plain.Length - point - 1 == 3
            && point is >= 1 and <= 3 && plain[0] != '0';
        _ = isDoubtful ? _threeDecimals++ : _otherDecimals++;
    }

    private static string Name(char separator) => separator == '.' ? "point" : "comma";
}
