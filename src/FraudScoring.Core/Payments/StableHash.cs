namespace FraudScoring.Core.Payments;

/// <summary>
/// A hash that is the same in every process and release, for ids and values inside entity profiles; string.GetHashCode is seeded per
/// process. It has no secret: entity keys, which are visible in Redis, use <see cref="Profiles.EntityHasher"/>.
/// </summary>
public static class StableHash
{
    /// <summary>Hashes text to 64 bits: FNV-1a over UTF-16 code units, followed by the mixer of SplitMix64.</summary>
    public static ulong Compute(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }
        return Mix(hash);
    }

    /// <summary>
    /// The mixer of SplitMix64 (Steele, Lea, Flood, 2014): every input bit flips every output bit with probability near one half.
    /// </summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
