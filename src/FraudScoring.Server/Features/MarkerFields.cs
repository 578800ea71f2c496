using System.Globalization;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Reads the offsets of a bucket's marker, which also has fields of other kinds.</summary>
internal static class MarkerFields
{
    /// <summary>Reads the offsets of the markers of all buckets.</summary>
    public static async Task<List<Dictionary<int, long>>> ReadAsync(IDatabase database, ProfileKeys keys)
    {
        var markers = await Task.WhenAll(
            Enumerable.Range(0, EntityKey.Buckets).Select(bucket => database.HashGetAllAsync(keys.Marker(bucket))));
        return [.. markers.Select(marker => Offsets(marker).ToDictionary(at => at.Source, at => at.Next))];
    }

    /// <summary>By partition, the offset before which the bucket has every record.</summary>
    public static IEnumerable<(int Source, long Next)> Offsets(IEnumerable<HashEntry> marker)
    {
        foreach (var entry in marker)
        {
            if (TryParse(entry.Name, out var source))
            {
                yield return (source, (long)entry.Value);
            }
        }
    }

    /// <summary>
    /// Reads the number of a partition, as <see cref="AppliedOffsets.SourceOf"/> has it; false for another field.
    /// </summary>
    public static bool TryParse(RedisValue field, out int source) =>
        int.TryParse((string?)field, NumberStyles.None, CultureInfo.InvariantCulture, out source);
}
