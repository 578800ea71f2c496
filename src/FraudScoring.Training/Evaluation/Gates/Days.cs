using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Converts days since the Unix epoch (UTC) to and from ISO dates.</summary>
internal static class Days
{
    public const long Milliseconds = MillisecondsPer.Day;

    private const string Format = "yyyy-MM-dd";

    public static string Text(int day) =>
        DateTimeOffset.FromUnixTimeMilliseconds(day * Milliseconds).ToString(Format, CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out int day)
    {
        var isDay = DateOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date);
        day = isDay ? date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber : 0;
        return isDay;
    }
}
