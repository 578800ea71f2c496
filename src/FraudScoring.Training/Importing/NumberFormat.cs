using System.Globalization;

namespace FraudScoring.Training.Importing;

/// <summary>How the numbers of a table are written. Neither separator is guessed: 1.500 is one and a half or fifteen hundred.</summary>
/// <param name="Decimal">The decimal separator: a point or a comma.</param>
/// <param name="Thousands">The separator of thousands; null for none. Any space stands for every kind of space.</param>
internal sealed record NumberFormat(char Decimal, char? Thousands)
{
    /// <summary>A decimal point and no separator of thousands.</summary>
    public static NumberFormat Invariant { get; } = new('.', null);

    // The kinds of space and apostrophe that exports use between groups of digits.
    private const string Spaces = " \u00A0\u2009\u202F", Apostrophes = "'\u2019";

    /// <summary>The separators that a mapping may name.</summary>
    public static bool IsSeparator(char c) => c is '.' or ',' || Spaces.Contains(c) || Apostrophes.Contains(c);

    /// <summary>The separator that is not the decimal one; its presence says that a table uses another format.</summary>
    public char OtherSeparator => Decimal == '.' ? ',' : '.';

    /// <summary>Rewrites a number with a decimal point and without separators of thousands.</summary>
    /// <param name="text">The text of a number, possibly with a minus and an exponent.</param>
    /// <param name="plain">The rewritten text, for <see cref="NumberStyles.Float"/>. It may still be no number.</param>
    /// <returns>The fault, or null.</returns>
    public string? Normalize(string text, out string plain)
    {
        plain = text = text.Trim();
        if (Decimal == '.' && !text.AsSpan().ContainsAny(Separators) && text.AsSpan().Count('.') < 2)
        {
            return null;
        }
        var mantissa = text.AsSpan(0, text.AsSpan().IndexOfAny('e', 'E') is >= 0 and var at ? at : text.Length);
        var point = mantissa.IndexOf(Decimal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        if ((FindForeign(fraction, null) ?? FindForeign(whole, Thousands)) is { } foreign)
        {
            return Foreign(foreign);
        }
        var digits = whole.TrimStart('-').TrimStart('+');
        var sign = whole[..^digits.Length];
        if (!HasRightGroups(digits))
        {
            return $"has {Name(Thousands!.Value)} that does not separate thousands; check \"decimal\" and \"thousands\" in the mapping";
        }
        var joined = string.Concat(digits.ToString().Where(c => !IsSeparator(c)));
        plain = string.Concat(sign, joined, point < 0 ? "" : ".", fraction) + text[mantissa.Length..];
        return null;
    }

    /// <summary>Reads a number; NaN without a fault if the text is none.</summary>
    public string? Parse(string text, out double number)
    {
        var problem = Normalize(text, out var plain);
        var isNumber = double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        number = problem is null && isNumber ? number : double.NaN;
        return problem;
    }

    private static readonly System.Buffers.SearchValues<char> Separators = System.Buffers.SearchValues.Create("," + Spaces + Apostrophes);

    private static char? FindForeign(ReadOnlySpan<char> text, char? thousands)
    {
        foreach (var c in text)
        {
            if (IsSeparator(c) && (thousands is null || !AreAlike(c, thousands.Value)))
            {
                return c;
            }
        }
        return null;
    }

    private static bool AreAlike(char one, char other) =>
        one == other || (Spaces.Contains(one) && Spaces.Contains(other)) || (Apostrophes.Contains(one) && Apostrophes.Contains(other));

    private string Foreign(char c) =>
        c == OtherSeparator ? $"has {Name(c)}; set \"decimal\": \"{c}\" in the mapping if it precedes decimals, "
            + $"or \"thousands\": \"{c}\" if it separates groups"
        : c == Decimal ? $"has more than one {Name(c)[2..]}; if they separate groups, set \"thousands\" and \"decimal\" in the mapping"
        : $"has {Name(c)} between digits; set \"thousands\" in the mapping if it separates groups";

    private static string Name(char c) =>
        c == '.' ? "a point" : c == ',' ? "a comma" : Spaces.Contains(c) ? "a space" : "an apostrophe";

    /// <summary>Groups of three; or the last of three and those before it of two, as in India.</summary>
    private static bool HasRightGroups(ReadOnlySpan<char> digits)
    {
        var (sizes, size) = (new List<int>(), 0);
        foreach (var c in digits)
        {
            if (IsSeparator(c))
            {
                sizes.Add(size);
                size = 0;
            }
            else
            {
                size++;
            }
        }
        return sizes.Count == 0 || (size == 3
            && ((sizes[0] is >= 1 and <= 3 && sizes.Skip(1).All(s => s == 3)) || (sizes[0] is 1 or 2 && sizes.Skip(1).All(s => s == 2))));
    }
}
