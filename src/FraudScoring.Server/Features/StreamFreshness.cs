using System.Globalization;
using FraudScoring.Core.Payments;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Stores in Redis, next to the profiles, until when the records of each partition are applied to them.</summary>
/// <remarks>
/// The profiles are shared by all instances, so their freshness is, too: an instance without partitions reads it here, and an instance with
/// partitions sees those that others read. Redis's clock stamps the values, because the clocks of the instances differ. In a single hash,
/// and so on one cluster node, the values have one clock.
/// </remarks>
internal sealed class StreamFreshness(RedisConnections redis, ProfileKeys keys)
{
    /// <summary>Beginning of the field of the least marker at that time; the partition's number follows.</summary>
    public const string MarkerField = "marker:";

    private static readonly string Report = RedisScript.Load("report-freshness");
    private static readonly string Read = RedisScript.Load("read-freshness");
    private static readonly string[] Storing = [.. Enum.GetNames<FreshnessStoring>().Select(SnakeCase.Convert)];

    private readonly IDatabase _database = redis.Writing.GetDatabase();

    /// <summary>Stores the freshness of partitions.</summary>
    /// <returns>False if Redis has lost data; nothing was stored.</returns>
    public async Task<bool> ReportAsync(IReadOnlyCollection<PartitionFreshness> partitions)
    {
        RedisValue[] values =
        [
            .. partitions.SelectMany(partition => new RedisValue[]
            {
                partition.Source, partition.Marker, (long)partition.Lag.TotalMilliseconds, Storing[(int)partition.Storing],
                partition.LeastMarker,
            }),
        ];
        return (int)await _database.ScriptEvaluateAsync(Report, [keys.Freshness, keys.Marker(ProfileKeys.FreshnessBucket)], values) == 1;
    }

    /// <summary>Reads the freshness of all partitions of both topics.</summary>
    public async Task<FreshnessReading> ReadAsync()
    {
        RedisKey[] names = [keys.Freshness, keys.History, keys.Marker(ProfileKeys.FreshnessBucket)];
        var values = (RedisValue[]?)await _database.ScriptEvaluateAsync(Read, names) ?? [];
        var fields = values.Skip(2).Chunk(2).ToLookup(pair => KindOf((string)pair[0]!));
        return new FreshnessReading((long)values[0], Parse(fields[""], "", value => (long)value))
        {
            Secret = values[1].IsNullOrEmpty ? null : (string?)values[1],
            Gaps = Parse(fields[HistoryGaps.GapField], HistoryGaps.GapField, HistoryGap.Parse),
            Generations = Parse(fields[TopicGenerations.Field], TopicGenerations.Field, TopicGenerations.Parse),
            SinceMs = Parse(fields[HistoryGaps.SinceField], HistoryGaps.SinceField, value => (long)value),
        };
    }

    private static string KindOf(string field) => field[..(field.IndexOf(':', StringComparison.Ordinal) + 1)];

    private static Dictionary<int, T> Parse<T>(IEnumerable<RedisValue[]> fields, string kind, Func<RedisValue, T> parse) =>
        fields.ToDictionary(
            pair => int.Parse(((string)pair[0]!).AsSpan(kind.Length), CultureInfo.InvariantCulture), pair => parse(pair[1]));
}
