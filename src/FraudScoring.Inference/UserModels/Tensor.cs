namespace FraudScoring.Inference.UserModels;

/// <summary>An input or output tensor of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Bytes">Its elements in row-major order, little-endian; empty for strings.</param>
/// <param name="Texts">Its elements if they are strings, UTF-8.</param>
public sealed record Tensor(
    string Name, TensorType Type, long[] Shape, ReadOnlyMemory<byte> Bytes, IReadOnlyList<ReadOnlyMemory<byte>>? Texts = null)
{
    /// <summary>Number of elements of a shape; -1 if it is more than an array can hold, or an axis is negative.</summary>
    public static long CountOf(IReadOnlyList<long> shape)
    {
        long count = 1;
        var isEmpty = false;
        foreach (var size in shape)
        {
            isEmpty |= size == 0;
            if (size < 0 || (size > 0 && count > int.MaxValue / size))
            {
                return -1;
            }
            count *= Math.Max(size, 1);
        }
        return isEmpty ? 0 : count;
    }
}
