using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Time from a payment to its label.</summary>
/// <param name="Ms">The delay in milliseconds.</param>
internal readonly record struct LabelDelay(long Ms)
{
    /// <summary>The longest delay: label streaks count payments without a label for longer than 28 days as legitimate.</summary>
    public const long MostMs = 28 * Day;

    private const long Minute = MillisecondsPer.Minute, Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;

    /// <summary>Parses 0, or a whole number followed by m, h or d, up to 28 days.</summary>
    public static bool TryParse(string text, out LabelDelay delay)
    {
        delay = default;
        if (text == "0")
        {
            return true;
        }
        var unit = text.Length == 0 ? 0 : text[^1] switch { 'm' => Minute, 'h' => Hour, 'd' => Day, _ => 0 };
        if (unit == 0 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }
        delay = new LabelDelay(count * unit);
        return delay.Ms <= MostMs;
    }

    /// <summary>The delay in the largest unit that divides it, such as 1h or 7d.</summary>
    public override string ToString()
    {
        var (unit, ms) = Ms % Day == 0 ? ("d", Day) : Ms % Hour == 0 ? ("h", Hour) : ("m", Minute);
        return Ms == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{Ms / ms}{unit}");
    }
}
