using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Demo;

/// <summary>Numbers and names as people read them, the same in every country.</summary>
internal static partial class Figures
{
    /// <summary>A count, such as 12,345.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share, such as 12.3 %; a hyphen when there is none.</summary>
    public static string Percent(double share, int digits = 1) =>
        double.IsNaN(share) ? "-" : (100 * share).ToString("F" + digits, CultureInfo.InvariantCulture) + " %";

    /// <summary>Microseconds as milliseconds with four digits, such as 0.012, 12.34 or 1,234.5.</summary>
    public static string Milliseconds(double micros)
    {
        var milliseconds = micros / 1000;
        var format = milliseconds < 10 ? "0.000" : milliseconds < 100 ? "0.00" : "#,0.0";
        return milliseconds.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A time of minutes and seconds, such as 1:05.</summary>
    public static string Clock(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMinutes}:{time.Seconds:00}");

    /// <summary>A moment to the minute.</summary>
    public static string Minute(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The text, or as much of it as fits.</summary>
    public static string Clip(string text, int width) =>
        text.Length <= width ? text : string.Concat(text.AsSpan(0, Math.Max(0, width - 1)), "\u2026");

    /// <summary>A name in words, such as "Account takeover" for AccountTakeover.</summary>
    public static string Words<T>(T name) where T : struct, Enum => Words(name.ToString());

    /// <summary>A name in words.</summary>
    public static string Words(string name) => name.Replace('_', ' ') is var spaced && spaced != name
        ? spaced
        : WordStart().Replace(name, match => " " + match.Value.ToLowerInvariant());

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordStart();
}
