using System.Buffers;
using System.Globalization;
using System.Text;

namespace FraudScoring.Core.Payments;

/// <summary>Detects primary account numbers, which must never enter the service in place of tokens.</summary>
/// <remarks>
/// A number is recognised however it is spelled: in groups, with the zero decimals that a column of floating-point numbers adds
/// (4111111111111111.0), in scientific notation, and in the digits of any script. Numbers have 13 to 19 digits and pass the Luhn check
/// (ISO/IEC 7812-1); of those with 12 digits only Maestro's are cards, so that one in ten identifiers of 12 digits is not taken for one.
/// </remarks>
public static class CardNumber
{
    /// <summary>Largest number of digits of a card number.</summary>
    public const int MostDigits = 19;

    // Of significant characters: 19 digits in groups, followed by the zero decimals of a decimal column.
    private const int MostCharacters = 64;

    // What no spelling contains, but almost every token does: ASCII except digits, exponents, separators and what is left out.
    private static readonly SearchValues<char> NeverPart =
        SearchValues.Create([.. Enumerable.Range(0, 128).Select(code => (char)code).Where(c => Normalize(new Rune(c), true) == Foreign)]);

    // Integers above this are not exact as doubles, so that their last digits say nothing.
    private const double LargestExact = 9_007_199_254_740_992;

    /// <summary>Returns whether the text is a card number in any spelling, rounded ones included.</summary>
    public static bool Matches(ReadOnlySpan<char> text) => !text.ContainsAny(NeverPart) && MatchesSlowly(text);

    // Apart from the check above, so that most tokens cost no buffers.
    private static bool MatchesSlowly(ReadOnlySpan<char> text)
    {
        Span<char> digits = stackalloc char[MostDigits];
        return Read(text, digits, out _) != Spelling.None;
    }

    /// <summary>
    /// Returns whether a number is a card number. Numbers that begin with 1 are not: no card for payments does, but times do that are
    /// given as milliseconds since 1970. Nor are those of more than 2^53, since the Luhn check needs every digit.
    /// </summary>
    public static bool Matches(double number)
    {
        if (number is not (>= 1e11 and <= LargestExact) || number != Math.Floor(number))
        {
            return false;
        }
        Span<char> text = stackalloc char[MostDigits];
        ((long)number).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return text[0] != '1' && IsCard(text[..length]);
    }

    /// <summary>The digits of a card number in any spelling; null if the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isRounded">
    /// True if the number has lost digits, as in 4.11111E+15 or 4111111000000000.0: the digits then stand for thousands of cards.
    /// </param>
    public static string? DigitsOf(ReadOnlySpan<char> text, out bool isRounded)
    {
        Span<char> digits = stackalloc char[MostDigits];
        var spelling = Read(text, digits, out var count);
        isRounded = spelling == Spelling.Rounded;
        return spelling == Spelling.None ? null : new string(digits[..count]);
    }

    private static Spelling Read(ReadOnlySpan<char> text, Span<char> digits, out int count)
    {
        Span<char> plain = stackalloc char[MostCharacters];
        count = 0;
        if (!TryNormalize(text, plain, out var length))
        {
            return Spelling.None;
        }
        plain = plain[..length];
        var exponent = plain.IndexOf('e');
        return exponent < 0 ? ReadPlain(plain, digits, out count) : ReadScientific(plain, exponent, digits, out count);
    }

    /// <summary>
    /// Copies digits as ASCII, separators of decimals and thousands, and the exponent; leaves out spaces, hyphens and quotes.
    /// </summary>
    /// <returns>False if the text contains anything else, as most tokens do.</returns>
    private static bool TryNormalize(ReadOnlySpan<char> text, Span<char> plain, out int length)
    {
        length = 0;
        while (!text.IsEmpty)
        {
            var c = text[0];
            var used = 1;
            if (!char.IsAsciiDigit(c))
            {
                // A lone surrogate is read as U+FFFD, which is in no card number.
                Rune.DecodeFromUtf16(text, out var rune, out used);
                c = Normalize(rune, length > 0 && plain[length - 1] == 'e');
            }
            text = text[used..];
            if (c == Ignored)
            {
                continue;
            }
            if (c == Foreign || length == plain.Length)
            {
                return false;
            }
            plain[length++] = c;
        }
        return length >= "4E+15".Length;
    }

    private const string ZerosOfRounded = "000000";
    private const char Ignored = ' ', Foreign = '?';

    private static char Normalize(Rune rune, bool inExponent)
    {
        if (rune.IsAscii)
        {
            var c = (char)rune.Value;
            return char.IsAsciiDigit(c) || c is '.' or ',' ? c
                : c is 'e' or 'E' ? 'e'
                : c is '+' or '-' && inExponent ? c
                : c is ' ' or '-' or '\'' or '"' or '=' or '_' or '\t' ? Ignored : Foreign;
        }
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.DecimalDigitNumber => (char)('0' + (int)Rune.GetNumericValue(rune)),
            UnicodeCategory.SpaceSeparator or UnicodeCategory.DashPunctuation or UnicodeCategory.Format => Ignored,
            UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation => Ignored,
            _ => rune.Value switch
            {
                0x066B => ',',              // Arabic decimal separator
                0x066C or 0xFF0C => ',',    // Arabic thousands separator, full-width comma
                0xFF0E => '.',              // full-width full stop
                0x2212 => inExponent ? '-' : Ignored,
                _ => Foreign,
            },
        };
    }

    /// <summary>Reads digits with separators of thousands or of a card's groups, and with decimals that are all zero.</summary>
    private static Spelling ReadPlain(ReadOnlySpan<char> plain, Span<char> digits, out int count)
    {
        var last = plain.LastIndexOfAny('.', ',');
        var hasDecimals = last >= 0 && plain.Count(plain[last]) == 1;
        if (hasDecimals)
        {
            // The only separator of its kind, and the last: what follows are decimals.
            if (plain[(last + 1)..].ContainsAnyExcept('0'))
            {
                count = 0;
                return Spelling.None;
            }
            plain = plain[..last];
        }
        count = 0;
        if (!HasGroups(plain))
        {
            return Spelling.None;
        }
        foreach (var c in plain)
        {
            if (!char.IsAsciiDigit(c))
            {
                continue;
            }
            if (count == digits.Length)
            {
                return Spelling.None;
            }
            digits[count++] = c;
        }
        digits = digits[..count];
        // A column of 32-bit floating-point numbers keeps seven to nine digits and fills up with zeros.
        var isRounded = hasDecimals && digits.EndsWith(ZerosOfRounded) && digits[0] > '1' && HasLength(count, digits);
        return isRounded ? Spelling.Rounded : IsCard(digits) ? Spelling.Exact : Spelling.None;
    }

    /// <summary>
    /// Returns whether points or commas, if there are any, separate thousands (western or Indian) or the groups that cards are printed in.
    /// Others, as in addresses and version numbers, do not make one number.
    /// </summary>
    private static bool HasGroups(ReadOnlySpan<char> plain)
    {
        var separator = plain.IndexOfAny('.', ',');
        if (separator < 0)
        {
            return true;
        }
        if (plain.ContainsAny(plain[separator] == '.' ? "," : "."))
        {
            return false;
        }
        Span<int> sizes = stackalloc int[MostCharacters];
        var groups = 0;
        foreach (var group in plain.Split(plain[separator]))
        {
            var (start, length) = group.GetOffsetAndLength(plain.Length);
            sizes[groups++] = length;
        }
        sizes = sizes[..groups];
        var inner = sizes[1..^1];
        var end = sizes[^1];
        return sizes[0] is >= 1 and <= 4 && (
            (end == 3 && (!inner.ContainsAnyExcept(3) || !inner.ContainsAnyExcept(2)))
            || (groups > 2 && end is >= 1 and <= 4 && !inner.ContainsAnyExcept(4))
            || (groups == 3 && inner[0] == 6 && end is 4 or 5));
    }

    /// <summary>
    /// Reads scientific notation. It must have a separator or a signed exponent: without them, a short hexadecimal token such as 4e15 would
    /// be a number.
    /// </summary>
    private static Spelling ReadScientific(ReadOnlySpan<char> plain, int at, Span<char> digits, out int count)
    {
        count = 0;
        var mantissa = plain[..at];
        var exponent = plain[(at + 1)..];
        var point = mantissa.IndexOfAny('.', ',');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        if ((point < 0 && !exponent.ContainsAny('+', '-')) || whole.IsEmpty || whole[0] == '0'
            || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9')
            || !int.TryParse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
            || whole.Length + (long)power is not (> 0 and <= MostDigits))
        {
            return Spelling.None;
        }
        var needed = whole.Length + power;
        Span<char> known = stackalloc char[MostCharacters];
        whole.CopyTo(known);
        fraction.CopyTo(known[whole.Length..]);
        known = known[..(whole.Length + fraction.Length)];
        if (known.Length < needed)
        {
            count = known.Length;
            known.CopyTo(digits);
            return known[0] != '1' && HasLength(needed, known) ? Spelling.Rounded : Spelling.None;
        }
        count = needed;
        known[..needed].CopyTo(digits);
        return !known[needed..].ContainsAnyExcept('0') && IsCard(digits[..count]) ? Spelling.Exact : Spelling.None;
    }

    private static bool IsCard(ReadOnlySpan<char> digits)
    {
        if (!HasLength(digits.Length, digits))
        {
            return false;
        }
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += (i & 1) == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
        }
        return sum % 10 == 0;
    }

    /// <summary>Maestro's ranges are 50, 56 to 58, and 6.</summary>
    private static bool HasLength(int length, ReadOnlySpan<char> digits) => length switch
    {
        12 => digits[0] == '6' || (digits.Length > 1 && digits[0] == '5' && digits[1] is '0' or '6' or '7' or '8'),
        _ => length is >= 13 and <= MostDigits,
    };

    private enum Spelling
    {
        None,

        /// <summary>All digits are known.</summary>
        Exact,

        /// <summary>Digits were lost.</summary>
        Rounded,
    }
}
