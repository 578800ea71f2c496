using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>How long after a payment it becomes known whether it was a fraud.</summary>
/// <param name="Ms">In milliseconds.</param>
internal readonly record struct LabelDelay(long Ms)
{
    /// <summary>Streaks count what is not known for longer than this as legitimate.</summary>
    public const long MostMs = 28 * Day;

    private const long Minute = MillisecondsPer.Minute, Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;

    /// <summary>Reads 0, or a whole number with m, h or d.</summary>
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

    /// <summary>In the largest unit that divides it, such as 1h or 7d.</summary>
    public override string ToString()
    {
        var (unit, ms) = Ms % Day == 0 ? ("d", Day) : Ms % Hour == 0 ? ("h", Hour) : ("m", Minute);
        return Ms == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{Ms / ms}{unit}");
    }
}
