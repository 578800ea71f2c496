using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Server.Api.Json;

/// <summary>
/// Reads times by RFC 3339, section 5.6, with up to nine decimals of a second. T and Z may be lower-case; -00:00 is accepted.
/// </summary>
internal static partial class JsonTime
{
    /// <summary>What is accepted, as the end of a sentence.</summary>
    public const string Rule = $"a time by RFC 3339, such as {Example}";

    private const string Example = "\"2026-11-28T19:40:36Z\" or \"2026-11-28T20:40:36+01:00\"";

    private const int MaxLength = 64, SecondDigits = 9;

    /// <summary>Reads a time.</summary>
    /// <returns>Null on success; otherwise what is wrong, without the text.</returns>
    public static string? Parse(string text, out Timestamp? time)
    {
        time = null;
        if (text.Length > MaxLength || Pattern().Match(text) is not { Success: true } match)
        {
            return $"is not {Rule}";
        }
        if (match.Groups["separator"].Value == " ")
        {
            return $"has a space between date and time; write a T there, as in {Example}";
        }
        if (!match.Groups["offset"].Success)
        {
            return $"has no offset from UTC; end it as in {Example}";
        }
        if (match.Groups["fraction"].Length > SecondDigits)
        {
            return $"has more than {SecondDigits} decimals of a second";
        }
        if (!DateTime.TryParseExact(
            $"{match.Groups["date"].Value} {match.Groups["time"].Value}", "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var local) || !TryOffset(match, out var minutes))
        {
            return "has a month, day, hour, minute, second or offset that does not exist; leap seconds are not accepted";
        }
        var seconds = Timestamp.FromDateTime(local).Seconds - (minutes * 60L);
        if (seconds < Timestamp.FromDateTime(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc)).Seconds
            || seconds > Timestamp.FromDateTime(DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)).Seconds)
        {
            return "is not in the years 1 to 9999 in UTC";
        }
        var nanos = match.Groups["fraction"].Value.PadRight(SecondDigits, '0');
        time = new Timestamp { Seconds = seconds, Nanos = int.Parse(nanos, NumberStyles.None, CultureInfo.InvariantCulture) };
        return null;
    }

    private static bool TryOffset(Match match, out int minutes)
    {
        minutes = 0;
        var offset = match.Groups["offset"].Value;
        if (offset is "Z" or "z")
        {
            return true;
        }
        var (hour, minute) = (Number(offset[1..3]), Number(offset[4..6]));
        minutes = (offset[0] == '-' ? -1 : 1) * ((hour * 60) + minute);
        return hour < 24 && minute < 60;
    }

    private static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?<separator>[Tt ])(?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]+))?"
        + @"(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
