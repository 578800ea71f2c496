using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>Four points of a quadrature rule.</summary>
/// <param name="Points">The points t in (0, 1), twice: for two splits side by side.</param>
/// <param name="Weights">Their weights.</param>
internal readonly record struct QuadraturePass(Vector256<float> Points, Vector128<float> Weights)
{
    /// <summary>Points in a pass.</summary>
    public const int Width = 4;

    /// <summary>The passes that integrate paths of so many distinct features exactly: a polynomial of one degree less.</summary>
    public static int CountFor(int distinctFeatures) => Math.Max(1, (((distinctFeatures + 1) / 2) + Width - 1) / Width);

    /// <summary>The rule of <paramref name="count"/> passes.</summary>
    public static QuadraturePass[] Rule(int count)
    {
        var (points, weights) = GaussLegendre.Rule(count * Width);
        return [.. Enumerable.Range(0, count).Select(pass => new QuadraturePass(
            Vector256.Create(Lanes(points, pass), Lanes(points, pass)), Lanes(weights, pass)))];
    }

    private static Vector128<float> Lanes(double[] values, int pass)
    {
        var start = pass * Width;
        return Vector128.Create((float)values[start], (float)values[start + 1], (float)values[start + 2], (float)values[start + 3]);
    }
}
