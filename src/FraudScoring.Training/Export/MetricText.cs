using System.Globalization;

namespace FraudScoring.Training.Export;

internal static class MetricText
{
    /// <summary>Formats a metric with at most six decimals, or in scientific notation below 1e-6.</summary>
    public static string Format(double value) =>
        value.ToString(value != 0 && Math.Abs(value) < 1e-6 ? "0.0e+0" : "0.######", CultureInfo.InvariantCulture);
}
