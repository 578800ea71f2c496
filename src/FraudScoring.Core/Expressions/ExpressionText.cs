using System.Globalization;

namespace FraudScoring.Core.Expressions;

/// <summary>The functions over texts. Positions and sizes count Unicode code points, as in CEL.</summary>
internal static class ExpressionText
{
    public static int Size(string text)
    {
        var size = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            size -= char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }
        return size;
    }

    /// <summary>The code points from the start to before the end, which are moved into the text; empty if one of them is missing.</summary>
    public static string Substring(string text, double start, double end)
    {
        if (double.IsNaN(start) || double.IsNaN(end))
        {
            return "";
        }
        var (from, to) = (IndexOf(text, start), IndexOf(text, end));
        return from >= to ? "" : text[from..to];
    }

    /// <summary>Compares by code points. UTF-16 would place the characters above U+FFFF before U+E000.</summary>
    public static int Compare(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            if (a[i] != b[i])
            {
                var (inA, inB) = (char.IsSurrogate(a[i]), char.IsSurrogate(b[i]));
                return inA == inB ? a[i] - b[i] : inA ? 1 : -1;
            }
        }
        return a.Length - b.Length;
    }

    public static string Join(string a, string b) => a.Length + b.Length <= ExpressionLimits.TextLength ? a + b : "";

    /// <summary>Replaces every occurrence; an empty text has none.</summary>
    public static string Replace(string text, string old, string by)
    {
        if (old.Length == 0)
        {
            return text;
        }
        var occurrences = by.Length > old.Length ? text.AsSpan().Count(old) : 0;
        var length = text.Length + ((long)occurrences * (by.Length - old.Length));
        return length <= ExpressionLimits.TextLength ? text.Replace(old, by, StringComparison.Ordinal) : "";
    }

    /// <summary>Capitals A to Z as small letters.</summary>
    public static string LowerAscii(string text) => ChangeCase(text, 'A', 'Z');

    /// <summary>Small letters a to z as capitals.</summary>
    public static string UpperAscii(string text) => ChangeCase(text, 'a', 'z');

    /// <summary>The number that a text holds; NaN if it holds none.</summary>
    public static double ToNumber(string text)
    {
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) ? Finite(number) : double.NaN;
    }

    /// <summary>
    /// The shortest text that reads back as the number; whole numbers up to 2^53 have all their digits. Empty if missing.
    /// </summary>
    public static string FromNumber(double number)
    {
        const double largestExact = 1L << 53;
        return double.IsNaN(number) ? ""
            : double.IsInteger(number) && Math.Abs(number) <= largestExact ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>The shortest text that reads back as the number of single precision. Empty if missing.</summary>
    public static string FromSingle(float number) =>
        float.IsInteger(number) ? FromNumber(number) : float.IsNaN(number) ? "" : number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The number; NaN, which means missing, if it is infinite.</summary>
    public static double Finite(double number) => double.IsFinite(number) ? number : double.NaN;

    private static int IndexOf(string text, double position)
    {
        var index = 0;
        for (var left = position; left >= 1 && index < text.Length; left--)
        {
            index += index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
        }
        return index;
    }

    /// <summary>Changes the case of the letters of a range. A text without any is returned as it is, without an allocation.</summary>
    private static string ChangeCase(string text, char first, char last)
    {
        foreach (var letter in text)
        {
            if (letter >= first && letter <= last)
            {
                return string.Create(text.Length, (text, first, last), static (to, from) =>
                {
                    for (var i = 0; i < to.Length; i++)
                    {
                        var c = from.text[i];
                        to[i] = c >= from.first && c <= from.last ? (char)(c ^ 0x20) : c;
                    }
                });
            }
        }
        return text;
    }
}
