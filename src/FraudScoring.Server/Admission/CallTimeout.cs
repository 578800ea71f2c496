using System.Diagnostics;
using System.Globalization;

namespace FraudScoring.Server.Admission;

/// <summary>The time that a caller of gRPC allows, from the header grpc-timeout: up to eight digits and a unit.</summary>
internal static class CallTimeout
{
    /// <summary>Name of the header.</summary>
    public const string Header = "grpc-timeout";

    // In seconds. No payment takes that long, and a timestamp plus an hour does not overflow.
    private const double Longest = 3600;

    /// <summary>Parses a timeout. More than an hour counts as an hour.</summary>
    /// <returns>The timeout in timestamp ticks; null if there is none, or it is invalid.</returns>
    public static long? Parse(string? text)
    {
        if (text is not { Length: >= 2 and <= 9 }
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }
        double seconds = text[^1] switch
        {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            'm' => 1e-3,
            'u' => 1e-6,
            'n' => 1e-9,
            _ => double.NaN,
        };
        return double.IsNaN(seconds) ? null : (long)(Math.Min(amount * seconds, Longest) * Stopwatch.Frequency);
    }
}
