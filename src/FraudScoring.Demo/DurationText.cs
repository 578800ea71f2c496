using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Demo;

/// <summary>Durations as people type them: 90, 90s, 1.5m or 1h.</summary>
internal static partial class DurationText
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Reads a duration over zero and of at most a day; a number alone is seconds.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var match = Pattern().Match(text);
        if (!match.Success)
        {
            return false;
        }
        var amount = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var unit = match.Groups[2].ValueSpan switch
        {
            "h" => TimeSpan.FromHours(1),
            "m" => TimeSpan.FromMinutes(1),
            _ => TimeSpan.FromSeconds(1),
        };
        duration = unit * amount;
        return duration > TimeSpan.Zero && duration <= Longest;
    }

    [GeneratedRegex(@"^([0-9]{1,6}(?:\.[0-9]{1,3})?)([smh]?)$")]
    private static partial Regex Pattern();
}
