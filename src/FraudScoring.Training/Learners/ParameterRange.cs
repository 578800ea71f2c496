using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

/// <summary>Checks of parameters against their ranges; null where all is well.</summary>
internal static class ParameterRange
{
    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static Fault? Within(string field, double value, double low, double high) =>
        value >= low && value <= high
            ? null
            : new Fault(field, string.Create(CultureInfo.InvariantCulture, $"must be {low:#,0.##} to {high:#,0.##}"));

    /// <summary>A share of something, above 0 to 1.</summary>
    public static Fault? Share(string field, double value) =>
        value > 0 && value <= 1 ? null : new Fault(field, "must be above 0 and not above 1");
}
