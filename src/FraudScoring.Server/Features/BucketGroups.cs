namespace FraudScoring.Server.Features;

/// <summary>
/// Groups buckets into Redis commands. On a cluster every bucket gets its own command, since a command may only name keys of one node. On a
/// single server a command takes several buckets, but only as many keys as Redis handles in about a millisecond: Redis runs one command at
/// a time, and the read of a payment waits behind it.
/// </summary>
internal static class BucketGroups
{
    /// <summary>Most keys of one command, unless a single bucket has more.</summary>
    public const int MostKeys = 256;

    /// <summary>Groups the buckets, in their order.</summary>
    /// <param name="buckets">The buckets.</param>
    /// <param name="keysOf">Number of keys in a bucket.</param>
    /// <param name="isCluster">True if the keys are spread over nodes.</param>
    public static List<List<int>> Create(IEnumerable<int> buckets, Func<int, int> keysOf, bool isCluster)
    {
        var groups = new List<List<int>>();
        var size = 0;
        foreach (var bucket in buckets)
        {
            var keys = keysOf(bucket);
            if (groups.Count == 0 || isCluster || size + keys > MostKeys)
            {
                groups.Add([]);
                size = 0;
            }
            groups[^1].Add(bucket);
            size += keys;
        }
        return groups;
    }
}
