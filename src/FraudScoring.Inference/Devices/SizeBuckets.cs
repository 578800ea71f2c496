namespace FraudScoring.Inference.Devices;

/// <summary>
/// Sizes of runs, in rows: 1, 2, 4 and so on. Buffers and recorded CUDA graphs have fixed shapes. Powers of two need few of them, and less
/// than half of a run is padding.
/// </summary>
public sealed class SizeBuckets
{
    private readonly int[] _sizes;

    /// <param name="maxRows">Largest number of rows in one run; rounded up to a power of two.</param>
    public SizeBuckets(int maxRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        var count = System.Numerics.BitOperations.Log2(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)maxRows)) + 1;
        _sizes = [.. Enumerable.Range(0, count).Select(bucket => 1 << bucket)];
    }

    /// <summary>The bucket of one row alone.</summary>
    public static SizeBuckets OneRow { get; } = new(1);

    /// <summary>The sizes, in ascending order.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Number of buckets.</summary>
    public int Count => _sizes.Length;

    /// <summary>The largest size.</summary>
    public int MaxRows => _sizes[^1];

    /// <summary>Index of the smallest bucket that holds a number of rows.</summary>
    public int Holding(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(rows - 1), (uint)(MaxRows - 1), nameof(rows));
        return System.Numerics.BitOperations.Log2(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
    }

    /// <summary>Index of the largest bucket that a number of rows fills.</summary>
    public int FilledBy(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return Math.Min(System.Numerics.BitOperations.Log2((uint)rows), Count - 1);
    }
}
