namespace FraudScoring.Inference.Batching;

/// <summary>Number of rows from which a device is faster than the CPU, transfers included.</summary>
internal static class TransferThreshold
{
    /// <summary>The device is never faster.</summary>
    public const int Never = int.MaxValue;

    /// <summary>The smallest measured size from which the device is faster at every measured size.</summary>
    /// <param name="sizes">Sizes in ascending order.</param>
    /// <param name="device">The device's times, by size.</param>
    /// <param name="cpu">The CPU's times, by size.</param>
    public static int Find(IReadOnlyList<int> sizes, ReadOnlySpan<long> device, ReadOnlySpan<long> cpu)
    {
        var threshold = Never;
        for (var i = sizes.Count - 1; i >= 0 && device[i] < cpu[i]; i--)
        {
            threshold = sizes[i];
        }
        return threshold;
    }
}
