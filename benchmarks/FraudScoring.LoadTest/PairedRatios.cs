namespace FraudScoring.LoadTest;

/// <summary>Ratios of pairs of measurements that are neighbours in time, so that the speed of the machine cancels out.</summary>
internal static class PairedRatios
{
    private const int Draws = 10_000;

    /// <summary>The median; NaN without values.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>The 95 % interval of the median by bootstrap: pairs are drawn with replacement.</summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> ratios)
    {
        if (ratios.Count == 0)
        {
            return (double.NaN, double.NaN);
        }
        var random = new Random(7);
        var medians = Enumerable.Range(0, Draws)
            .Select(_ => Median([.. ratios.Select(_ => ratios[random.Next(ratios.Count)])])).Order().ToList();
        return (medians[Draws / 40], medians[Draws - 1 - (Draws / 40)]);
    }
}
