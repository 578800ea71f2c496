namespace FraudScoring.Inference.Attribution;

/// <summary>Gauss-Legendre quadrature on [0, 1]: n points integrate every polynomial of degree up to 2n - 1 exactly.</summary>
internal static class GaussLegendre
{
    /// <summary>Points in (0, 1), in ascending order, and their weights, which add up to 1.</summary>
    /// <remarks>Newton's method on the Legendre polynomial, starting from Tricomi's estimate of its roots.</remarks>
    public static (double[] Points, double[] Weights) Rule(int count)
    {
        var points = new double[count];
        var weights = new double[count];
        for (var i = 0; i < count; i++)
        {
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            for (var step = 0; step < 8; step++)
            {
                var (value, slope) = Legendre(count, x);
                x -= value / slope;
            }
            var derivative = Legendre(count, x).Slope;
            points[count - 1 - i] = (1 + x) / 2;
            // Half of the textbook weight 2 / ((1 - x²) P'(x)²), because the interval has length 1, not 2.
            weights[count - 1 - i] = 1 / ((1 - (x * x)) * derivative * derivative);
        }
        return (points, weights);
    }

    private static (double Value, double Slope) Legendre(int degree, double x)
    {
        var (before, value) = (1.0, x);
        for (var k = 2; k <= degree; k++)
        {
            (before, value) = (value, ((((2 * k) - 1) * x * value) - ((k - 1) * before)) / k);
        }
        return (value, degree * ((x * value) - before) / ((x * x) - 1));
    }
}
