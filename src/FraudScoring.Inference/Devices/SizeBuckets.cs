namespace FraudScoring.Inference.Devices;

/// <summary>
/// Numbers of rows that runs are made of: 1, 2, 4 and so on up to the most. Buffers, and what a GPU records, are of fixed shapes; with
/// powers of two at most half of a run is padding, and there are few of them.
/// </summary>
public sealed class SizeBuckets
{
    private readonly int[] _sizes;

    /// <param name="maxRows">Most rows of one run; rounded up to a power of two.</param>
    public SizeBuckets(int maxRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        var count = System.Numerics.BitOperations.Log2(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)maxRows)) + 1;
        _sizes = [.. Enumerable.Range(0, count).Select(bucket => 1 << bucket)];
    }

    /// <summary>Buckets of one row alone.</summary>
    public static SizeBuckets OneRow { get; } = new(1);

    /// <summary>The sizes, in ascending order.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>How many there are.</summary>
    public int Count => _sizes.Length;

    /// <summary>The largest.</summary>
    public int MaxRows => _sizes[^1];

    /// <summary>The smallest bucket that holds so many rows.</summary>
    public int Holding(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(rows - 1), (uint)(MaxRows - 1), nameof(rows));
        return System.Numerics.BitOperations.Log2(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
    }

    /// <summary>The largest bucket that so many rows fill.</summary>
    public int FilledBy(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return Math.Min(System.Numerics.BitOperations.Log2((uint)rows), Count - 1);
    }
}
