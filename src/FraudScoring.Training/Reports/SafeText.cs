using System.Text.RegularExpressions;
using System.Xml;

namespace FraudScoring.Training.Reports;

/// <summary>Prepares texts from files, such as column names and faults, for a page that people pass on.</summary>
internal static partial class SafeText
{
    private const char Replacement = '\uFFFD';

    /// <summary>
    /// Hides all but the last four digits of what may be a card number, and replaces characters that XML does not allow.
    /// </summary>
    public static string Clean(string text)
    {
        var masked = CardNumber().Replace(text, match => "…" + new string([.. match.Value.Where(char.IsAsciiDigit)])[^4..]);
        // Surrogates come in pairs, or are replaced as well.
        return string.Concat(masked.EnumerateRunes().Select(rune =>
            rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : Replacement.ToString()));
    }

    // 12 to 19 digits (ISO/IEC 7812 and shorter ones in use), also in groups.
    [GeneratedRegex(@"(?<![0-9])[0-9](?:[ .-]?[0-9]){11,18}(?![0-9])")]
    private static partial Regex CardNumber();
}
