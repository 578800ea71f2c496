using System.Globalization;
using System.Runtime.InteropServices;

namespace FraudScoring.Inference.UserModels;

/// <summary>Compares two answers to the same inputs.</summary>
internal static class TensorDifference
{
    /// <summary>Finds the first difference, in words; null if there is none.</summary>
    /// <param name="own">The expected answer.</param>
    /// <param name="other">The answer to compare.</param>
    /// <param name="tolerance">Largest difference of real numbers, relative for those beyond 1. Everything else must be equal.</param>
    public static string? Find(IReadOnlyList<Tensor> own, IReadOnlyList<Tensor> other, double tolerance) =>
        own.Zip(other, (a, b) => Find(a, b, tolerance)).FirstOrDefault(difference => difference is not null);

    private static string? Find(Tensor own, Tensor other, double tolerance)
    {
        if (own.Type != other.Type || !own.Shape.SequenceEqual(other.Shape))
        {
            return $"{own.Name} is {other.Type} [{string.Join(", ", other.Shape)}] instead of "
                + $"{own.Type} [{string.Join(", ", own.Shape)}]";
        }
        var (a, b) = (Numbers(own), Numbers(other));
        for (var i = 0; i < a.Length; i++)
        {
            if (!AreSame(a[i], b[i], tolerance))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{own.Name} has {b[i]:R} instead of {a[i]:R}");
            }
        }
        return a.Length > 0 || own.Bytes.Span.SequenceEqual(other.Bytes.Span) ? null : $"{own.Name} differs";
    }

    private static bool AreSame(double own, double other, double tolerance) =>
        own.Equals(other) || Math.Abs(own - other) <= tolerance * Math.Max(1, Math.Abs(own));

    private static double[] Numbers(Tensor tensor) => tensor.Type.Name switch
    {
        "FP32" => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray(), value => (double)value),
        "FP64" => MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray(),
        _ => [],
    };
}
