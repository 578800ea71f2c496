using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Core.Expressions;

/// <summary>
/// Compiles the pattern of <c>matches</c>. Without backtracking, as in RE2, matching takes time in proportion to the text; the limits bound
/// the factor.
/// </summary>
internal static partial class ExpressionPattern
{
    /// <summary>Compiles a pattern.</summary>
    /// <returns>Null if the pattern has a fault.</returns>
    public static Regex? Compile(string pattern, out string fault)
    {
        const int length = ExpressionLimits.PatternLength, repetitions = ExpressionLimits.PatternRepetitions;
        fault = pattern.Length > length ? $"the pattern is too long; at most {length} characters are allowed"
            : Repetitions(pattern) > repetitions
                ? $"the pattern repeats too often; the product of its repetition counts must be at most {repetitions}"
                : "";
        if (fault.Length > 0)
        {
            return null;
        }
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (RegexParseException e)
        {
            fault = $"the pattern is not a regular expression: {e.Error} at character {e.Offset} of it";
        }
        catch (NotSupportedException)
        {
            fault = "the pattern uses what needs backtracking; lookarounds, backreferences and atomic groups are not supported";
        }
        return null;
    }

    private static double Repetitions(string pattern) => Counts().Matches(pattern).Aggregate(
        1.0, (product, count) => product * Math.Max(1, double.Parse(count.Groups["most"].ValueSpan, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"\{(?:[0-9]+,)?(?<most>[0-9]+),?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Counts();
}
