using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Durations as catalogues write them: "90s", "5m", "1h", "7d".</summary>
internal static class Duration
{
    private static readonly (char Unit, long Ms)[] Units =
        [('d', MillisecondsPer.Day), ('h', MillisecondsPer.Hour), ('m', MillisecondsPer.Minute), ('s', MillisecondsPer.Second)];

    public static bool TryParse(string text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }
        milliseconds = count * Units.FirstOrDefault(u => u.Unit == text[^1]).Ms;
        return milliseconds > 0;
    }

    /// <summary>Formats a duration in its largest whole unit; one and two days are written as "24h" and "48h".</summary>
    public static string Text(long milliseconds)
    {
        var (unit, ms) = Array.Find(Units, u => milliseconds % u.Ms == 0 && (u.Unit != 'd' || milliseconds > 2 * u.Ms));
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / ms}{unit}");
    }
}
