using System.Globalization;
using System.Text.RegularExpressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>
/// A column of times. The zone is never guessed: either each text has an offset from UTC, or the mapping names the zone. A wrong guess
/// would shift every time by hours without any error.
/// </summary>
/// <param name="Column">Index of the column in <see cref="ImportMapping.Columns"/>.</param>
/// <param name="Format">A name of <see cref="TimeFormat"/>, or a .NET date and time format.</param>
/// <param name="Zone">Time zone of texts without an offset; null if every text has one, or none is needed.</param>
internal sealed partial record TimeSource(int Column, string Format, TimeZoneInfo? Zone)
{
    // The first millisecond of the year 1, and the last of the year 9999.
    private const long EarliestMs = -62_135_596_800_000, LatestMs = 253_402_300_799_999;

    /// <summary>What elapsed times count from, milliseconds since the Unix epoch.</summary>
    public long OriginMs { get; init; }

    /// <summary>
    /// Reads a time. Fractions of a millisecond are cut off; those of days and elapsed times, which are seldom exact, are rounded.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The times that are accepted.</param>
    /// <param name="timeMs">Milliseconds since the Unix epoch.</param>
    /// <param name="change">Whether a change of the clocks made the local time inexact.</param>
    /// <returns>The fault, or null.</returns>
    public string? Parse(string text, TimeRange range, out long timeMs, out ClockChange change)
    {
        (timeMs, change) = (0, ClockChange.None);
        if (text.Length == 0)
        {
            return "is required";
        }
        var problem = Format == TimeFormat.Iso ? ReadIso(text, out timeMs, out change)
            : TimeFormat.IsCustom(Format) ? ReadCustom(text, out timeMs, out change)
            : TryReadNumber(text, out var number) ? ReadNumber(number, out timeMs, out change)
            : $"is not a number{Meaning}";
        if (problem is null && range.Contains(timeMs))
        {
            return null;
        }
        return (problem ?? WhyImplausible(timeMs, range)) + UnitHint(text, range);
    }

    private static bool TryReadNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private string Meaning => Format == TimeFormat.Excel ? " of days" : TimeFormat.IsElapsed(Format) ? $" of {Format} since the origin"
        : $" of {TimeFormat.Unix.Single(unit => unit.Name == Format).Unit} since 1970";

    /// <summary>Names only the year: a reason must be the same for many rows.</summary>
    private static string WhyImplausible(long timeMs, TimeRange range)
    {
        var (side, option, limitMs) = timeMs < range.NotBeforeMs ? ("before", "--not-before", range.NotBeforeMs)
            : ("after", "--not-after", range.NotAfterMs);
        var limit = DateTimeOffset.FromUnixTimeMilliseconds(limitMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var year = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(timeMs, EarliestMs, LatestMs)).Year;
        return string.Create(CultureInfo.InvariantCulture, $"is in the year {year:0000}, {side} {limit} ({option})");
    }

    /// <summary>Names the unit in which a number would be a plausible time, if there is one.</summary>
    private string UnitHint(string text, TimeRange range)
    {
        if (range == TimeRange.Any || !TryReadNumber(text, out var number))
        {
            return "";
        }
        foreach (var (name, unitMs, unit) in TimeFormat.Unix)
        {
            if (name != Format && range.Contains(ToMs(Math.Floor(Limit(number) * unitMs))))
            {
                return $"; the number looks like {unit}: use the format {name}";
            }
        }
        return "";
    }

    private string? ReadNumber(decimal number, out long timeMs, out ClockChange change)
    {
        (timeMs, change) = (0, ClockChange.None);
        if (number < 0 && !TimeFormat.IsElapsed(Format))
        {
            return $"is not a number{Meaning}";
        }
        if (Format == TimeFormat.Excel)
        {
            // A larger number of days is after the year 9999.
            var days = Math.Min(number, 2_958_465.999m);
            var time = TimeFormat.ExcelOrigin.AddMilliseconds((double)Math.Round(days * MillisecondsPer.Day));
            return ReadLocal(time, out timeMs, out change);
        }
        timeMs = TimeFormat.IsElapsed(Format)
            ? ToMs(Math.Round(Limit(number) * TimeFormat.Elapsed.Single(unit => unit.Name == Format).UnitMs) + OriginMs)
            : ToMs(Math.Floor(Limit(number) * TimeFormat.Unix.Single(unit => unit.Name == Format).UnitMs));
        return null;
    }

    // Numbers beyond it are no times in any unit, and could overflow.
    private static decimal Limit(decimal number) => Math.Clamp(number, -1e20m, 1e20m);

    private static long ToMs(decimal ms) => (long)Math.Clamp(ms, EarliestMs, LatestMs);

    private string? ReadIso(string text, out long timeMs, out ClockChange change)
    {
        (timeMs, change) = (0, ClockChange.None);
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
            ? ReadWithOffset(time, match.Groups["offset"].ValueSpan, out timeMs)
            : ReadLocal(time, out timeMs, out change);
    }

    private string? ReadCustom(string text, out long timeMs, out ClockChange change)
    {
        (timeMs, change) = (0, ClockChange.None);
        if (Zone is null)
        {
            if (!DateTimeOffset.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
            {
                return "does not match the format in the mapping";
            }
            timeMs = moment.ToUnixTimeMilliseconds();
            return null;
        }
        return DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? ReadLocal(time, out timeMs, out change)
            : "does not match the format in the mapping";
    }

    private string? ReadWithOffset(DateTime time, ReadOnlySpan<char> offset, out long timeMs)
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
        timeMs = ((time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond) - (minutes * MillisecondsPer.Minute);
        return Math.Abs(minutes) > 18 * 60 ? "has an offset of more than 18 hours" : null;
    }

    private string? ReadLocal(DateTime time, out long timeMs, out ClockChange change)
    {
        (timeMs, change) = (0, ClockChange.None);
        if (Zone is null)
        {
            return "has no offset from UTC; set its zone in the mapping, such as \"zone\": \"UTC\"";
        }
        if (time.Year is 1 or 9999)
        {
            // A placeholder for no time; its zone could move it out of the range of dates.
            timeMs = (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
            return null;
        }
        timeMs = LocalClock.ToUnixMs(time, Zone, out change);
        return null;
    }

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
