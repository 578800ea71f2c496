using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Payments;

public sealed class StableHashTests
{
    /// <summary>
    /// Stored profiles contain bits of these hashes, so they must never change. Computed with an independent implementation.
    /// </summary>
    [TestCase("", 0xF52A15E9A9B5E89BUL)]
    [TestCase("a", 0x02C0BDBF481420F8UL)]
    [TestCase("tok_1", 0x2AF995EF29857365UL)]
    [TestCase("é", 0x5AD2F93FC008067DUL)]
    [TestCase("😀", 0xD3400AB804E9F085UL)]
    [TestCase("merchant", 0xAB0541907E090723UL)]
    public void Of_KnownText_IsTheFrozenHash(string text, ulong expected) => Assert.That(StableHash.Compute(text), Is.EqualTo(expected));

    /// <summary>The first outputs of SplitMix64 from seed 0, as published with the generator.</summary>
    [TestCase(1, 0xE220A8397B1DCDAFUL)]
    [TestCase(2, 0x6E789E6AA1B965F4UL)]
    [TestCase(3, 0x06C45D188009454FUL)]
    public void Mix_StepsOfSplitMix_GiveItsOutputs(int step, ulong expected) =>
        Assert.That(StableHash.Mix(unchecked(0x9E3779B97F4A7C15UL * (ulong)step)), Is.EqualTo(expected));

    [Test]
    public void Of_ManyIds_HasNoCollisionsInFortyBits()
    {
        var seen = new HashSet<ulong>();
        for (var i = 0; i < 100_000; i++)
        {
            seen.Add(StableHash.Compute($"payment-{i}") >> 24);
        }
        Assert.That(seen, Has.Count.EqualTo(100_000));
    }

    [Test]
    public void Mix_AnyInputBit_ChangesHalfOfTheOutput()
    {
        var random = new Random(1);
        for (var bit = 0; bit < 64; bit++)
        {
            var flips = 0;
            for (var i = 0; i < 500; i++)
            {
                var value = (ulong)random.NextInt64();
                flips += System.Numerics.BitOperations.PopCount(StableHash.Mix(value) ^ StableHash.Mix(value ^ (1UL << bit)));
            }
            Assert.That(flips / 500.0, Is.EqualTo(32).Within(2), $"bit {bit}");
        }
    }
}
