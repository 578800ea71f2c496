using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Reads profiles that have not been written since the secret was rotated, and so are only found under the previous one.
/// </summary>
/// <remarks>
/// A profile moves to its key under the current secret with the next record that is applied to it. What is left under the previous secret
/// is no longer written, and expires.
/// </remarks>
internal sealed class PreviousProfiles(RedisConnections redis, ProfileKeys previous)
{
    public ProfileKeys Keys => previous;

    /// <summary>
    /// Replaces the values of profiles that do not exist by those under the previous secret, with one command, or one per bucket on a
    /// cluster.
    /// </summary>
    /// <param name="database">Reads them.</param>
    /// <param name="values">The values under the current secret.</param>
    /// <param name="names">By index of a value, the key under the previous secret; default for none.</param>
    public async Task FillAsync(IDatabase database, RedisValue[] values, RedisKey[] names)
    {
        var absent = Enumerable.Range(0, names.Length)
            .Where(i => values[i].IsNull && !names[i].Equals(default(RedisKey))).ToList();
        var groups = redis.IsCluster ? absent.GroupBy(i => ProfileKeys.BucketOf(names[i])).Select(group => group.ToList()) : [absent];
        await Task.WhenAll(groups.Where(group => group.Count > 0).Select(async group =>
        {
            var found = await database.StringGetAsync([.. group.Select(i => names[i])]);
            for (var i = 0; i < found.Length; i++)
            {
                values[group[i]] = found[i];
            }
        }));
    }
}
