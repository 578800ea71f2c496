namespace FraudScoring.LoadTest;

/// <summary>The straight line that fits points best.</summary>
internal static class LeastSquares
{
    private const double Normal95 = 1.959964;

    /// <summary>The slope and half the length of its 95 % interval; NaN with less than three different places.</summary>
    /// <remarks>
    /// The interval takes the residuals as independent. Samples of a process are not quite, so the true one is somewhat longer.
    /// </remarks>
    public static (double Slope, double Within) Slope(IReadOnlyList<(double X, double Y)> points)
    {
        var (meanX, meanY) = (points.Sum(point => point.X) / points.Count, points.Sum(point => point.Y) / points.Count);
        var spread = points.Sum(point => (point.X - meanX) * (point.X - meanX));
        var freedom = points.Count - 2;
        if (freedom < 1 || spread == 0)
        {
            return (double.NaN, double.NaN);
        }
        var slope = points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / spread;
        var residuals = points.Sum(point => Math.Pow(point.Y - meanY - (slope * (point.X - meanX)), 2));
        return (slope, Student95(freedom) * Math.Sqrt(residuals / freedom / spread));
    }

    /// <summary>The 97.5 % quantile of Student's distribution, within 0.5 % from three degrees of freedom on (Cornish, Fisher).</summary>
    private static double Student95(int freedom)
    {
        const double z = Normal95;
        double square = z * z, n = freedom;
        var second = (((5 * square) + 16) * square) + 3;
        var third = (((((3 * square) + 19) * square) + 17) * square) - 15;
        return z * (1 + ((square + 1) / (4 * n)) + (second / (96 * n * n)) + (third / (384 * n * n * n)));
    }
}
