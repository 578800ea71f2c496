using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Quality;

/// <summary>Quantiles of the label delay, in hours: minimum, 10 %, median, 90 %, maximum.</summary>
internal sealed record DelayQuantiles(double Least, double Tenth, double Median, double NineTenths, double Most)
{
    /// <summary>The quantiles of a sample; null if it is empty.</summary>
    public static DelayQuantiles? Create(IReadOnlyList<double> hours)
    {
        if (hours.Count == 0)
        {
            return null;
        }
        double[] sorted = [.. hours.Order()];
        return new DelayQuantiles(
            sorted[0], Samples.Quantile(sorted, 0.1), Samples.Quantile(sorted, 0.5), Samples.Quantile(sorted, 0.9), sorted[^1]);
    }
}
