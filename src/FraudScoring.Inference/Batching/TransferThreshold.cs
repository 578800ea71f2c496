namespace FraudScoring.Inference.Batching;

/// <summary>From how many rows on the way to a device and back is worth it.</summary>
internal static class TransferThreshold
{
    /// <summary>The device never pays.</summary>
    public const int Never = int.MaxValue;

    /// <summary>The smallest size from which on the device is faster at every size that was measured.</summary>
    /// <param name="sizes">Sizes, ascending.</param>
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
