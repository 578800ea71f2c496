using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Identifiers that a column of floating-point numbers has changed: 12345.0 and 1.2345E+4 stand for 12345. A file with a missing value in a
/// column of integers is often written like that, and its neighbour without one is not.
/// </summary>
internal static partial class WholeNumber
{
    /// <summary>Rewrites an integer without zero decimals and exponent; other texts stay as they are.</summary>
    /// <param name="text">The text, changed in place.</param>
    /// <returns>False if scientific notation has lost digits of an integer.</returns>
    public static bool TryNormalize(ref string text)
    {
        if (text.Length == 0 || !char.IsAsciiDigit(text[0]) || !text.AsSpan().ContainsAny(".,eE"))
        {
            return true;
        }
        if (ZeroDecimals().Match(text) is { Success: true } plain)
        {
            text = plain.Groups["whole"].Value;
            return true;
        }
        var match = Scientific().Match(text);
        if (!match.Success)
        {
            return true;
        }
        var digits = match.Groups["first"].Value + match.Groups["fraction"].Value;
        var length = 1 + int.Parse(match.Groups["power"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        if (digits.Length >= length)
        {
            text = digits.AsSpan(length).ContainsAnyExcept('0') ? text : digits[..length];
            return true;
        }
        // Java and JavaScript write the shortest digits that identify the number, without a plus: nothing is lost up to 15 digits.
        if (match.Groups["plus"].Length > 0 || length > 15)
        {
            return false;
        }
        text = digits.PadRight(length, '0');
        return true;
    }

    [GeneratedRegex(@"^(?<whole>[0-9]+)[.,]0*\z")]
    private static partial Regex ZeroDecimals();

    [GeneratedRegex(@"^(?<first>[1-9])(?:[.,](?<fraction>[0-9]*)[eE](?<plus>\+?)|[eE](?<plus>\+))(?<power>[0-9]{1,3})\z")]
    private static partial Regex Scientific();
}
