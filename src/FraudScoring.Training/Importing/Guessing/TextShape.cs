using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>What a single text looks like.</summary>
internal static partial class TextShape
{
    /// <summary>Whether a text is a number with a decimal point.</summary>
    public static bool IsNumber(string text) => TryNumber(text, out _);

    public static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>Whether a text begins as a date or is a time of day.</summary>
    public static bool IsTime(string text) => Time().IsMatch(text);

    /// <summary>Whether a text is a time of day, such as 6:21 or 06:21:00.</summary>
    public static bool IsTimeOfDay(string text) => TimeOfDay().IsMatch(text);

    /// <summary>Whether a text is a number in scientific notation, which has lost the last digits of an identifier.</summary>
    public static bool IsScientific(string text) => Scientific().IsMatch(text);

    /// <summary>Hides runs of nine and more digits, which may be card numbers, in a text that is shown.</summary>
    public static string Mask(string text) => LongDigits().Replace(text, run => $"({run.Length} digits)");

    [GeneratedRegex(@"^([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\b|[0-9]{1,2}:[0-9]{2}\b)")]
    private static partial Regex Time();

    [GeneratedRegex(@"^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?\z")]
    private static partial Regex TimeOfDay();

    [GeneratedRegex(@"^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+\z")]
    private static partial Regex Scientific();

    [GeneratedRegex("[0-9]{9,}")]
    private static partial Regex LongDigits();
}
