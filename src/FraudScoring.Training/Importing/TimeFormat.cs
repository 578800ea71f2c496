using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>The named formats of times. Every other name is a .NET format.</summary>
internal static class TimeFormat
{
    public const string Iso = "iso", Excel = "excel";

    /// <summary>Numbers since 1970, with the milliseconds of one unit.</summary>
    public static IReadOnlyList<(string Name, decimal UnitMs, string Unit)> Unix { get; } =
    [
        ("unix", 1000, "seconds"), ("unix_ms", 1, "milliseconds"), ("unix_us", 0.001m, "microseconds"),
        ("unix_ns", 0.000001m, "nanoseconds"),
    ];

    /// <summary>Numbers since the origin that the mapping names, with the milliseconds of one unit.</summary>
    public static IReadOnlyList<(string Name, decimal UnitMs)> Elapsed { get; } =
    [
        ("seconds", MillisecondsPer.Second), ("minutes", MillisecondsPer.Minute), ("hours", MillisecondsPer.Hour),
        ("days", MillisecondsPer.Day),
    ];

    /// <summary>The midnight that Excel's serial days count from.</summary>
    public static DateTime ExcelOrigin { get; } = new(1899, 12, 30, 0, 0, 0, DateTimeKind.Unspecified);

    public static bool IsUnix(string format) => Unix.Any(unit => unit.Name == format);

    public static bool IsElapsed(string format) => Elapsed.Any(unit => unit.Name == format);

    /// <summary>True for a .NET format.</summary>
    public static bool IsCustom(string format) => format is not (Iso or Excel) && !IsUnix(format) && !IsElapsed(format);

    /// <summary>True if a .NET format has an offset from UTC.</summary>
    public static bool HasOffset(string format) => SpecifiersOf(format).ContainsAny('z', 'K');

    /// <summary>What is wrong with a .NET format; null if it gives one time for each text.</summary>
    public static string? Check(string format)
    {
        var specifiers = SpecifiersOf(format);
        if (format.Length < 2)
        {
            return $"must be iso, {string.Join(", ", Unix.Select(unit => unit.Name))}, excel, "
                + $"{string.Join(", ", Elapsed.Select(unit => unit.Name))}, or a .NET format such as \"dd/MM/yyyy HH:mm:ss\"";
        }
        if (!specifiers.Contains('y') || !specifiers.Contains('M') || !specifiers.Contains('d'))
        {
            return "must have year (yyyy), month (MM) and day (dd); if they are in other columns, join the columns";
        }
        return specifiers.Contains('h') && !specifiers.Contains('t')
            ? "has hours of the 12-hour clock (hh) without AM or PM (tt); use HH for the 24-hour clock"
            : null;
    }

    /// <summary>The format without quoted and escaped texts, which may hold the same letters.</summary>
    private static ReadOnlySpan<char> SpecifiersOf(string format)
    {
        var (specifiers, quote) = (new List<char>(), '\0');
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c == '\\')
            {
                i++;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else
            {
                specifiers.Add(c);
            }
        }
        return specifiers.ToArray();
    }
}
