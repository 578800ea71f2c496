using System.Globalization;

namespace FraudScoring.Training.Export;

/// <summary>Metrics for readers.</summary>
internal static class MetricText
{
    /// <summary>Up to six digits after the point, and very small values with their power of ten.</summary>
    public static string Format(double value) =>
        value.ToString(value != 0 && Math.Abs(value) < 1e-6 ? "0.0e+0" : "0.######", CultureInfo.InvariantCulture);
}
