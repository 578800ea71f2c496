namespace FraudScoring.Core.Payments;

/// <summary>
/// A hash that is the same in every process and release, for ids and values inside entity profiles. It is not keyed: entity keys,
/// which leave the process, use <see cref="Profiles.EntityHasher"/>.
/// </summary>
public static class StableHash
{
    /// <summary>64 bits: FNV-1a over UTF-16 code units, finished by SplitMix64's mixer.</summary>
    public static ulong Compute(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }
        return Mix(hash);
    }

    /// <summary>SplitMix64's mixer (Steele, Lea, Flood 2014): every input bit changes every output bit with probability near one half.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
