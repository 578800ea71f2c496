namespace FraudScoring.Core.Statistics;

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    private const double SmallestTerm = 1e-17;

    /// <summary>The chance of more than <paramref name="z"/>, with a relative error near 1e-14.</summary>
    public static double UpperTail(double z) => z < 0 ? 1 - UpperTail(-z) : z < 2.5 ? 0.5 - Body(z) : Tail(z);

    /// <summary>From 0 to z, by the series z + z^3/3 + z^5/15 + ..., all terms of which are positive (Abramowitz and Stegun, 26.2.11).</summary>
    private static double Body(double z)
    {
        var (term, sum) = (z, z);
        for (var n = 3; term > SmallestTerm * sum; n += 2)
        {
            term *= z * z / n;
            sum += term;
        }
        return Density(z) * sum;
    }

    /// <summary>Beyond z, by the continued fraction 1/(z + 1/(z + 2/(z + ...))), from its far end (26.2.14).</summary>
    private static double Tail(double z)
    {
        var fraction = z;
        for (var n = 200; n > 0; n--)
        {
            fraction = z + (n / fraction);
        }
        return Density(z) / fraction;
    }

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
}
