using System.Globalization;
using System.Text.RegularExpressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>
/// A column of times. The zone is never guessed: either each text has an offset from UTC, or the mapping names the zone. A wrong guess
/// would shift every time by hours without any error.
/// </summary>
/// <param name="Column">Index of the column in <see cref="ImportMapping.Columns"/>.</param>
/// <param name="Format"><see cref="Iso"/>, <see cref="UnixSeconds"/>, <see cref="UnixMs"/> or a .NET date and time format.</param>
/// <param name="Zone">Time zone of texts without an offset; null if every text has one.</param>
internal sealed partial record TimeSource(int Column, string Format, TimeZoneInfo? Zone)
{
    public const string Iso = "iso", UnixSeconds = "unix", UnixMs = "unix_ms";

    /// <summary>True for seconds or milliseconds since the Unix epoch, which have no time zone.</summary>
    public bool IsUnix => Format is UnixSeconds or UnixMs;

    /// <summary>Reads a time as milliseconds since the Unix epoch. Finer fractions are cut off.</summary>
    /// <returns>The fault, or null.</returns>
    public string? Parse(string text, out long timeMs)
    {
        timeMs = 0;
        if (text.Length == 0)
        {
            return "is required";
        }
        return IsUnix ? ReadUnix(text, out timeMs) : Format == Iso ? ReadIso(text, out timeMs) : ReadAs(Format, text, out timeMs);
    }

    private string? ReadUnix(string text, out long timeMs)
    {
        timeMs = 0;
        var scale = Format == UnixMs ? 1 : MillisecondsPer.Second;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || number is < 0 or > 253_402_300_799_999m)
        {
            return $"is not a number of {(scale == 1 ? "milliseconds" : "seconds")} since 1970";
        }
        timeMs = (long)Math.Min(number * scale, 253_402_300_799_999m);
        return null;
    }

    private string? ReadIso(string text, out long timeMs)
    {
        timeMs = 0;
        var match = IsoPattern().Match(text);
        if (!match.Success)
        {
            return "is not a time such as \"2018-04-01 00:00:31\"; set its format in the mapping";
        }
        var fraction = match.Groups["fraction"].ValueSpan;
        var (hour, minute, second) = (Number(match, "hour"), Number(match, "minute"), Number(match, "second"));
        if (hour > 23 || minute > 59 || second > 59 || !DateTime.TryParseExact(
            match.Groups["day"].ValueSpan, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return "is not a valid date and time";
        }
        var time = day.AddMilliseconds(
            (((hour * 60) + minute) * MillisecondsPer.Minute) + (second * MillisecondsPer.Second) + Milliseconds(fraction));
        return match.Groups["offset"].Success
            ? FromOffset(time, match.Groups["offset"].ValueSpan, out timeMs)
            : FromZone(time, out timeMs);
    }

    private string? ReadAs(string format, string text, out long timeMs)
    {
        timeMs = 0;
        if (Zone is null)
        {
            if (!DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
            {
                return "does not match the format in the mapping";
            }
            timeMs = moment.ToUnixTimeMilliseconds();
            return null;
        }
        return DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? FromZone(time, out timeMs)
            : "does not match the format in the mapping";
    }

    private string? FromOffset(DateTime time, ReadOnlySpan<char> offset, out long timeMs)
    {
        timeMs = 0;
        if (Zone is not null)
        {
            return "has an offset from UTC although the mapping names a zone; remove the zone if all times have offsets";
        }
        var minutes = 0;
        if (offset is not ("Z" or "z"))
        {
            var digits = offset[1..].ToString().Replace(":", "", StringComparison.Ordinal).PadRight(4, '0');
            minutes = ((digits[0] - '0') * 600) + ((digits[1] - '0') * 60) + ((digits[2] - '0') * 10) + digits[3] - '0';
            minutes = offset[0] == '-' ? -minutes : minutes;
        }
        timeMs = UnixOf(time) - (minutes * MillisecondsPer.Minute);
        return Math.Abs(minutes) > 18 * 60 ? "has an offset of more than 18 hours" : null;
    }

    private string? FromZone(DateTime time, out long timeMs)
    {
        timeMs = 0;
        if (Zone is null)
        {
            return "has no offset from UTC; set its zone in the mapping, such as \"zone\": \"UTC\"";
        }
        if (Zone.IsInvalidTime(time))
        {
            return $"does not exist in {Zone.Id}: the clocks skipped it at the start of daylight saving time";
        }
        // At the end of daylight saving time, an hour occurs twice: it is read as standard time.
        timeMs = UnixOf(time) - (long)Zone.GetUtcOffset(time).TotalMilliseconds;
        return null;
    }

    private static long UnixOf(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    private static int Number(Match match, string group) =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    private static int Milliseconds(ReadOnlySpan<char> fraction)
    {
        var ms = 0;
        for (var i = 0; i < 3; i++)
        {
            ms = (ms * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        }
        return ms;
    }

    [GeneratedRegex(@"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
        + @"(?:[T ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?)? ?"
        + @"(?<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?\z")]
    private static partial Regex IsoPattern();
}
