using FraudScoring.Inference.Batching;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class TransferThresholdTests
{
    private static readonly int[] Sizes = [1, 2, 4, 8];

    [TestCase(new long[] { 9, 9, 9, 9 }, new long[] { 1, 2, 4, 8 }, TransferThreshold.Never)]
    [TestCase(new long[] { 3, 3, 3, 3 }, new long[] { 1, 2, 4, 8 }, 4)]
    [TestCase(new long[] { 1, 1, 1, 1 }, new long[] { 2, 2, 4, 8 }, 1)]
    [TestCase(new long[] { 1, 9, 3, 3 }, new long[] { 2, 2, 4, 8 }, 4)]
    public void Of_Times_IsWhereTheDeviceStaysFaster(long[] device, long[] cpu, int expected) =>
        Assert.That(TransferThreshold.Find(Sizes, device, cpu), Is.EqualTo(expected));
}
