using System.Globalization;

namespace FraudScoring.TestKit.Services;

/// <summary>Reads the Prometheus text format.</summary>
internal static class PrometheusText
{
    /// <summary>The value of a sample, such as <c>fraud_events_applied_total{topic="…"}</c>; 0 if it is missing.</summary>
    public static double Value(string text, string sample) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(sample + " ", StringComparison.Ordinal)) is { } line ? ValueOf(line) : 0;

    /// <summary>The sum of a metric's samples over all label values.</summary>
    public static double Sum(string text, string name) => text.Split('\n').Where(line => line.Split('{', ' ')[0] == name).Sum(ValueOf);

    private static double ValueOf(string line) => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
}
