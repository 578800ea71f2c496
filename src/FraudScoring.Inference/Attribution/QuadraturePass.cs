using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>Four points of a quadrature rule, and the factors of a tree block's splits at these points.</summary>
/// <remarks>
/// The integral of <see cref="TreeShap"/> is a polynomial in t, so its values at enough points give it exactly. Points are independent of
/// each other: they fill the lanes of a vector, where the lists of permutation weights of the original algorithm must be built one after
/// another. Trees with more features on a path take more passes of four points. Eight points of one split would
/// fill a vector, too, but paths of up to eight features need only four.
/// </remarks>
/// <param name="Weights">Weights of the points.</param>
/// <param name="Factors">Factors by <see cref="SplitPair.Factors"/>.</param>
internal sealed record QuadraturePass(Vector128<float> Weights, PairFactors[] Factors)
{
    /// <summary>Number of points in a pass.</summary>
    public const int Width = 4;

    /// <summary>
    /// Number of passes that integrate paths with a number of distinct features exactly. The degree of the polynomial is one less.
    /// </summary>
    public static int CountFor(int distinctFeatures) => Math.Max(1, (((distinctFeatures + 1) / 2) + Width - 1) / Width);

    /// <summary>Creates a rule of <paramref name="count"/> passes, for pairs of splits with the given shares Z.</summary>
    public static QuadraturePass[] Rule(int count, IReadOnlyCollection<(double First, double Second)> shares)
    {
        var (points, weights) = GaussLegendre.Rule(count * Width);
        var passes = new QuadraturePass[count];
        for (var pass = 0; pass < count; pass++)
        {
            var own = points.AsSpan(pass * Width, Width);
            var (factors, next) = (new PairFactors[shares.Count], 0);
            foreach (var (first, second) in shares)
            {
                factors[next++] = PairFactors.At(own, first, second);
            }
            passes[pass] = new QuadraturePass(Lanes(weights.AsSpan(pass * Width)), factors);
        }
        return passes;
    }

    internal static Vector128<float> Lanes(ReadOnlySpan<double> values) =>
        Vector128.Create((float)values[0], (float)values[1], (float)values[2], (float)values[3]);
}

/// <summary>
/// Factors of two splits at four points t each, if the row follows all earlier splits on their features. Z is the product of the cover
/// shares of those earlier splits, and G = Z + (1 - Z) t.
/// </summary>
internal struct PairFactors
{
    /// <summary>t / G: how far a step of 1 changes the part of the product that goes left.</summary>
    public required Vector256<float> Move;
    /// <summary>Z / G²: the factor of a step in the contribution.</summary>
    public required Vector256<float> Settle;

    public static PairFactors At(ReadOnlySpan<double> points, double first, double second)
    {
        var (one, other) = (Half(points, first), Half(points, second));
        return new PairFactors { Move = Vector256.Create(one.Move, other.Move), Settle = Vector256.Create(one.Settle, other.Settle) };
    }

    private static (Vector128<float> Move, Vector128<float> Settle) Half(ReadOnlySpan<double> points, double share)
    {
        Span<double> move = stackalloc double[QuadraturePass.Width], settle = stackalloc double[QuadraturePass.Width];
        for (var i = 0; i < QuadraturePass.Width; i++)
        {
            // In double and rounded once, as this runs only at load. No point is 0, so G is positive even where a share Z is 0.
            var mix = share + ((1 - share) * points[i]);
            (move[i], settle[i]) = (points[i] / mix, share / (mix * mix));
        }
        return (QuadraturePass.Lanes(move), QuadraturePass.Lanes(settle));
    }
}
