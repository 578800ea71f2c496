using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>Four points of a quadrature rule, and what the splits of a tree block multiply there.</summary>
/// <param name="Weights">The points' weights.</param>
/// <param name="Factors">By <see cref="SplitPair.Factors"/>.</param>
internal sealed record QuadraturePass(Vector128<float> Weights, PairFactors[] Factors)
{
    /// <summary>Points in a pass.</summary>
    public const int Width = 4;

    /// <summary>The passes that integrate paths of so many distinct features exactly: a polynomial of one degree less.</summary>
    public static int CountFor(int distinctFeatures) => Math.Max(1, (((distinctFeatures + 1) / 2) + Width - 1) / Width);

    /// <summary>A rule of <paramref name="count"/> passes, for pairs of splits with the given shares Z.</summary>
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
/// What two splits multiply at four points t each while the row has followed every earlier split on their feature; Z is the product
/// of the earlier ones' cover shares, G = Z + (1 - Z) t.
/// </summary>
internal struct PairFactors
{
    /// <summary>t / G: how far the step moves the part of the product that goes left.</summary>
    public required Vector256<float> Move;
    /// <summary>Z / G²: what the step counts in the contribution.</summary>
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
            var mix = share + ((1 - share) * points[i]);
            (move[i], settle[i]) = (points[i] / mix, share / (mix * mix));
        }
        return (QuadraturePass.Lanes(move), QuadraturePass.Lanes(settle));
    }
}
