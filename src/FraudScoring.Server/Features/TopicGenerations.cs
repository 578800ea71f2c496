using System.Globalization;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Counts in Redis how often each topic was recreated. The offsets of a recreated topic begin again, so its partitions are other sources
/// than those before it: markers and applied offsets of the earlier topic do not hide its records.
/// </summary>
internal sealed class TopicGenerations(RedisConnections redis, ProfileKeys keys)
{
    /// <summary>Beginning of a topic's field in the history; its number follows.</summary>
    public const string Field = "topic:";

    private static readonly string Find = RedisScript.Load("find-generation");

    private readonly IDatabase _database = redis.Writing.GetDatabase();

    /// <summary>Finds the generation of a topic, and counts it if the topic's id has changed.</summary>
    /// <param name="topic">The topic's number in the profiles' applied offsets.</param>
    /// <param name="id">The topic's id; null if it is not known, as with brokers that have none.</param>
    public async Task<int> FindAsync(int topic, string? id = null)
    {
        // The history is on one node of a cluster. If that has lost its data, the markers of the others still tell.
        var least = await _database.HashExistsAsync(keys.History, Field + topic) ? 0 : await ReadMarkersAsync(topic);
        return (int)await _database.ScriptEvaluateAsync(Find, [keys.History], [Field + topic, id ?? "", least]);
    }

    /// <summary>Removes the markers of earlier generations: their records no longer exist.</summary>
    public async Task<bool> RemoveMarkersBeforeAsync(int topic, int generation)
    {
        await Task.WhenAll(Enumerable.Range(0, EntityKey.Buckets).Select(async bucket =>
        {
            var fields = await _database.HashKeysAsync(keys.Marker(bucket));
            RedisValue[] old =
            [
                .. fields.Where(field => MarkerFields.TryParse(field, out var source)
                    && AppliedOffsets.TopicOf(source) == topic && AppliedOffsets.GenerationOf(source) < generation),
            ];
            return old.Length == 0 ? 0 : await _database.HashDeleteAsync(keys.Marker(bucket), old);
        }));
        return true;
    }

    /// <summary>The generation in a value of the history.</summary>
    public static int Parse(RedisValue value) => int.Parse(((string)value!).Split(' ')[0], CultureInfo.InvariantCulture);

    private async Task<int> ReadMarkersAsync(int topic)
    {
        var markers = await MarkerFields.ReadAsync(_database, keys);
        return markers.SelectMany(marker => marker.Keys).Where(source => AppliedOffsets.TopicOf(source) == topic)
            .Select(AppliedOffsets.GenerationOf).DefaultIfEmpty().Max();
    }
}
