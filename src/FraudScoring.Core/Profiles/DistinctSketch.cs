using System.Numerics;
using System.Runtime.CompilerServices;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// A HyperLogLog with 64 registers of four bits (Flajolet, Fusy, Gandouet, Meunier, 2007), with linear counting for small sets.
/// </summary>
/// <remarks>
/// A window over several tiles needs the number of distinct values in their union, which counts per tile do not give. Exact sets give it,
/// but grow with the number of values; a sketch takes 32 bytes and merges by the maximum of each register. Adding and merging are
/// commutative and idempotent, so neither the order of events nor a value that is in two tiles matters. The cost is a standard error of
/// 1.04 / sqrt(64) = 13 %; half of that would need four times the bytes in every tile.
/// </remarks>
[InlineArray(4)]
public struct DistinctSketch
{
    /// <summary>Number of registers.</summary>
    public const int Registers = 64;

    private const double Alpha = 0.709;
    private ulong _first;

    /// <summary>Adds a 24-bit value; 0 means no value and is ignored.</summary>
    public void Add(uint value)
    {
        if (value == 0)
        {
            return;
        }
        var hash = StableHashOf(value);
        // Ranks are taken above the six register bits, so the two are independent. The cap biases only counts of several hundred thousand.
        var rank = Math.Min(15, BitOperations.TrailingZeroCount(hash >> 6) + 1);
        Raise((int)(hash & 63), rank);
    }

    /// <summary>Raises a register to at least the rank.</summary>
    public void Raise(int register, int rank)
    {
        var shift = (register & 15) * 4;
        ref var word = ref this[register >> 4];
        if ((int)(word >> shift & 15) < rank)
        {
            word = (word & ~(15UL << shift)) | ((ulong)rank << shift);
        }
    }

    /// <summary>Adds all values of another sketch.</summary>
    public void Merge(in DistinctSketch other)
    {
        for (var word = 0; word < 4; word++)
        {
            this[word] = MaxOfNibbles(this[word], other[word]);
        }
    }

    /// <summary>Estimates the number of distinct values that were added.</summary>
    public readonly double Estimate()
    {
        double sum = 0;
        var empty = 0;
        for (var register = 0; register < Registers; register++)
        {
            var rank = (int)(this[register >> 4] >> ((register & 15) * 4)) & 15;
            sum += 1.0 / (1 << rank);
            empty += rank == 0 ? 1 : 0;
        }
        var raw = Alpha * Registers * Registers / sum;
        // While registers are empty, the raw estimate is biased; counting the empty ones is better. There is no upper correction, because
        // hashes of 64 bits hardly collide.
        return raw <= 2.5 * Registers && empty > 0 ? Registers * Math.Log((double)Registers / empty) : raw;
    }

    /// <summary>True if no value was added.</summary>
    public readonly bool IsEmpty => (this[0] | this[1] | this[2] | this[3]) == 0;

    private static ulong StableHashOf(uint value) => Payments.StableHash.Mix(value * 0x9E3779B97F4A7C15UL);

    /// <summary>
    /// The maximum of each pair of nibbles: even and odd nibbles are spread into bytes, which leaves room for the borrow.
    /// </summary>
    private static ulong MaxOfNibbles(ulong a, ulong b)
    {
        const ulong even = 0x0F0F0F0F0F0F0F0F;
        return MaxOfBytes(a & even, b & even) | (MaxOfBytes((a >> 4) & even, (b >> 4) & even) << 4);
    }

    private static ulong MaxOfBytes(ulong a, ulong b)
    {
        const ulong high = 0x8080808080808080;
        // With the high bit set, no byte borrows from its neighbour, and the bit survives exactly where a is not less than b.
        var notLess = (((a | high) - b) & high) >> 7;
        var mask = notLess * 0xFF;
        return (a & mask) | (b & ~mask);
    }
}
