namespace FraudScoring.Training.Learners;

/// <summary>Solves symmetric positive semi-definite systems by Cholesky factorisation.</summary>
internal static class Cholesky
{
    /// <summary>
    /// Solves A · x = b, where A is row-major and only its lower triangle is read. Directions in which A is singular (two equal columns,
    /// for example) get 0 instead of a division by almost 0.
    /// </summary>
    public static double[] Solve(double[] a, double[] b)
    {
        var n = b.Length;
        var lower = (double[])a.Clone();
        for (var column = 0; column < n; column++)
        {
            Factor(lower, n, column, a[column * n + column]);
        }
        var x = (double[])b.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                x[i] -= lower[i * n + k] * x[k];
            }
            x[i] *= Inverse(lower[i * n + i]);
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                x[i] -= lower[k * n + i] * x[k];
            }
            x[i] *= Inverse(lower[i * n + i]);
        }
        return x;
    }

    private static void Factor(double[] lower, int n, int column, double original)
    {
        var pivot = lower[column * n + column];
        for (var k = 0; k < column; k++)
        {
            pivot -= lower[column * n + k] * lower[column * n + k];
        }
        var root = pivot > 1e-12 * original ? Math.Sqrt(pivot) : 0;
        lower[column * n + column] = root;
        for (var row = column + 1; row < n; row++)
        {
            var value = lower[row * n + column];
            for (var k = 0; k < column; k++)
            {
                value -= lower[row * n + k] * lower[column * n + k];
            }
            lower[row * n + column] = value * Inverse(root);
        }
    }

    private static double Inverse(double root) => root == 0 ? 0 : 1 / root;
}
