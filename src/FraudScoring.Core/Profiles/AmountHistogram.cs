using System.Numerics;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// A sparse histogram of amounts: sixteen buckets per power of two, as in HdrHistogram (Tene), so that the middle of a bucket is within
/// 1/32 of every amount in it. Buckets of equal width would need a range in advance and be coarse for small amounts; a t-digest depends on
/// the order of its values. Counts are integers in fixed buckets, so adding is commutative.
/// </summary>
internal sealed class AmountHistogram
{
    /// <summary>Number of buckets: enough for <see cref="Payments.DecimalAmount.MaxMinor"/>, which is less than 2^40.</summary>
    public const int Buckets = 592;

    private ushort[] _buckets = [];
    private long[] _counts = [];

    /// <summary>Number of buckets that are not empty.</summary>
    public int Used { get; private set; }

    /// <summary>A bucket that is not empty, in ascending order, and its number of amounts.</summary>
    public (int Bucket, long Count) this[int index] => (_buckets[index], _counts[index]);

    /// <summary>The bucket of an amount, 0 to <see cref="Buckets"/> - 1. Each amount below 32 has a bucket of its own.</summary>
    public static int BucketOf(long amount)
    {
        if (amount < 16)
        {
            return (int)Math.Max(0, amount);
        }
        var exponent = BitOperations.Log2((ulong)amount);
        // The exponent, then the four bits below the leading one; less 3, so that bucket 16 follows the single amounts below 16.
        return Math.Min(Buckets - 1, ((exponent - 3) << 4) | (int)((amount >> (exponent - 4)) & 15));
    }

    /// <summary>The smallest amount of a bucket, in minor units.</summary>
    public static long LeastOf(int bucket) => bucket < 32 ? bucket : (16L + (bucket & 15)) << ((bucket >> 4) - 1);

    /// <summary>The middle of a bucket, in minor units.</summary>
    public static double MiddleOf(int bucket) => bucket < 32 ? bucket : LeastOf(bucket) + (((1L << ((bucket >> 4) - 1)) - 1) / 2.0);

    public void Clear() => Used = 0;

    public void Add(long amount)
    {
        var bucket = BucketOf(amount);
        var at = Used;
        while (at > 0 && _buckets[at - 1] >= bucket)
        {
            at--;
        }
        if (at == Used || _buckets[at] != bucket)
        {
            Reserve();
            Array.Copy(_buckets, at, _buckets, at + 1, Used - at);
            Array.Copy(_counts, at, _counts, at + 1, Used - at);
            (_buckets[at], _counts[at]) = ((ushort)bucket, 0);
            Used++;
        }
        _counts[at]++;
    }

    /// <summary>Appends a bucket above all others, for the codec.</summary>
    public void Append(int bucket, long count)
    {
        Reserve();
        (_buckets[Used], _counts[Used]) = ((ushort)bucket, count);
        Used++;
    }

    private void Reserve()
    {
        if (Used == _buckets.Length)
        {
            Array.Resize(ref _buckets, Math.Max(4, Used * 2));
            Array.Resize(ref _counts, _buckets.Length);
        }
    }
}
