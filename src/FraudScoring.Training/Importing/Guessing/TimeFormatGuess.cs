using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>The format of a column's times.</summary>
/// <param name="Format">A name of <see cref="TimeFormat"/> or a .NET format; empty if it cannot be decided.</param>
/// <param name="NeedsZone">Whether the texts have no offset from UTC.</param>
/// <param name="HasTime">Whether the texts have a time of day.</param>
/// <param name="Share">Share of the texts that the format reads.</param>
/// <param name="Doubt">What cannot be decided; null if nothing.</param>
internal sealed partial record TimeFormatGuess(string Format, bool NeedsZone, bool HasTime, double Share, string? Doubt = null)
{
    private const int MostTexts = 1000;
    private const double LeastShare = 0.9;

    // Plausible times: 1995 to 2035, in seconds since 1970, days since 1899-12-30, and .NET ticks.
    private const double FirstSecond = 788_918_400, LastSecond = 2_051_222_400, FirstDay = 34_700, LastDay = 49_310;
    private const double FirstTick = 6.29e17, LastTick = 6.43e17;

    private static readonly string[] Compact = ["yyyyMMddHHmmss", "yyyyMMddHHmm", "yyMMddHHmmss", "yyMMddHHmm", "yyyyMMdd"];

    private static readonly string[] Dates =
    [
        "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "d.M.yyyy", "M.d.yyyy", "yyyy/M/d", "yyyy-M-d", "yyyy.M.d", "d/M/yy", "M/d/yy",
        "d-M-yy",
        "M-d-yy", "d.M.yy", "M.d.yy", "d-MMM-yyyy", "d MMM yyyy", "MMM d, yyyy", "MMM d yyyy", "d-MMM-yy", "ddMMMyyyy",
    ];

    private static readonly string[] Clocks =
        ["", " H:mm", " H:mm:ss", " H:mm:ss.FFFFFFF", "'T'H:mm:ss", " h:mm tt", " h:mm:ss tt", ":HH:mm:ss", " H:mm:ss zzz", " H:mm zzz"];

    /// <summary>The format of a column; null if its texts are no times.</summary>
    public static TimeFormatGuess? Of(SampleColumn column)
    {
        var texts = column.Texts.Take(MostTexts).ToList();
        if (texts.Count == 0)
        {
            return null;
        }
        return texts.TrueForAll(TextShape.IsNumber) ? OfNumbers(column, texts) : OfIso(texts) ?? OfCustom(texts);
    }

    private static TimeFormatGuess? OfNumbers(SampleColumn column, List<string> texts)
    {
        foreach (var format in Compact)
        {
            if (ShareOf(texts, format) >= LeastShare && texts.Count(text => text.Length == format.Length) == texts.Count
                && IsPlausible(texts[0], format))
            {
                return new TimeFormatGuess(format, true, format.Contains('H', StringComparison.Ordinal), ShareOf(texts, format));
            }
        }
        var numbers = texts.Select(text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)).Order().ToList();
        var (first, last) = (numbers[0], numbers[^1]);
        var unit = 1.0;
        foreach (var (name, _, _) in TimeFormat.Unix)
        {
            if (first >= FirstSecond * unit && last <= LastSecond * unit)
            {
                return new TimeFormatGuess(name, false, true, 1);
            }
            unit *= 1000;
        }
        if (first >= FirstTick && last <= LastTick)
        {
            return new TimeFormatGuess("", false, true, 1,
                "holds .NET ticks (100 ns since the year 1), which import does not read; export ISO times");
        }
        return first >= FirstDay && last <= LastDay && column.HasWord("date", "time", "datetime", "timestamp", "day")
            ? new TimeFormatGuess(TimeFormat.Excel, true, numbers.Exists(number => number != Math.Floor(number)), 1)
            : null;
    }

    private static TimeFormatGuess? OfIso(List<string> texts)
    {
        var matches = texts.Select(text => Iso().Match(text)).Where(match => match.Success).ToList();
        var share = matches.Count / (double)texts.Count;
        if (share < LeastShare)
        {
            return null;
        }
        var offsets = matches.Count(match => match.Groups["offset"].Success);
        var hasTime = matches.Exists(match => match.Groups["time"].Success);
        return offsets > 0 && offsets < matches.Count
            ? new TimeFormatGuess("", false, hasTime, share, "has times with and without an offset from UTC; export all of them with one")
            : new TimeFormatGuess(TimeFormat.Iso, offsets == 0, hasTime, share);
    }

    private static TimeFormatGuess? OfCustom(List<string> texts)
    {
        if (!texts.Exists(text => text.Any(char.IsAsciiDigit)))
        {
            return null;
        }
        var shares = Dates.SelectMany(date => Clocks.Select(clock => (Date: date, Clock: clock, Format: date + clock)))
            .Select(format => (format.Date, format.Clock, format.Format, Share: ShareOf(texts, format.Format)))
            .Where(format => format.Share > 0).OrderByDescending(format => format.Share).ToList();
        if (shares.Count == 0 || shares[0].Share < LeastShare)
        {
            return null;
        }
        var best = shares[0];
        var hasTime = best.Clock.Length > 0;
        var swapped = shares.Find(other => other.Clock == best.Clock && other.Date != best.Date && AreSwapped(other.Date, best.Date));
        // With all texts read, one day above 12 decides; otherwise the misread texts may be the ones in the other order.
        if (swapped.Share > 0 && (swapped.Share >= best.Share || (best.Share < 1 && swapped.Share > best.Share / 2)))
        {
            return new TimeFormatGuess("", true, hasTime, best.Share,
                string.Create(CultureInfo.InvariantCulture, $"has dates that fit both {best.Format} ({best.Share:P0} of them) and ")
                + string.Create(CultureInfo.InvariantCulture, $"{swapped.Format} ({swapped.Share:P0}); set format to the right one"));
        }
        return new TimeFormatGuess(best.Format, !TimeFormat.HasOffset(best.Format), hasTime, best.Share);
    }

    private static bool AreSwapped(string one, string other) => one.Length == other.Length && one.Order().SequenceEqual(other.Order());

    private static double ShareOf(List<string> texts, string format) => texts.Count(text => DateTimeOffset.TryParseExact(
        text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)) / (double)texts.Count;

    private static bool IsPlausible(string text, string format) =>
        DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
        && time.Year is >= 1995 and <= 2035;

    [GeneratedRegex(@"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        + @"(?<time>[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)? ?(?<offset>[Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?\z")]
    private static partial Regex Iso();
}
