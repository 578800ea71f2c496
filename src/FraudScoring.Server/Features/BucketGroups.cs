namespace FraudScoring.Server.Features;

/// <summary>
/// Which buckets go to Redis with one command. On a cluster each by itself, since its keys are on one node. On a single server many, up
/// to a number of keys that Redis has done with in a millisecond: it answers nobody else meanwhile, and a payment's read waits behind it.
/// </summary>
internal static class BucketGroups
{
    /// <summary>Most keys of one command, unless one bucket has more.</summary>
    public const int MostKeys = 256;

    /// <summary>Puts buckets into groups.</summary>
    /// <param name="buckets">The buckets.</param>
    /// <param name="keysOf">How many keys of a bucket there are.</param>
    /// <param name="isCluster">The keys are spread over nodes.</param>
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
