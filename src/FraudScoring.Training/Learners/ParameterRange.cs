using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

internal static class ParameterRange
{
    /// <summary>Checks a number against a range; both bounds are included.</summary>
    public static void Within(string field, double value, double low, double high, Faults faults)
    {
        if (!(value >= low && value <= high))
        {
            faults.Add(field, string.Create(CultureInfo.InvariantCulture, $"must be {low:#,0.##} to {high:#,0.##}"));
        }
    }

    /// <summary>Checks that a share is above 0 and at most 1.</summary>
    public static void Share(string field, double value, Faults faults)
    {
        if (!(value > 0 && value <= 1))
        {
            faults.Add(field, "must be above 0 and not above 1");
        }
    }
}
