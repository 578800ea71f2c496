using System.Globalization;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>A time of which the profiles lack records of a partition, because Redis lost them and Kafka had deleted them.</summary>
/// <param name="StartMs">Event time before which they have all records, milliseconds since the Unix epoch; 0 if it is not known.</param>
/// <param name="EndMs">
/// Newest event time of the first records after the gap, or the time when the partition was read to its end without any; null until then.
/// </param>
internal readonly record struct HistoryGap(long StartMs, long? EndMs)
{
    /// <summary>The gap as it is stored.</summary>
    public RedisValue ToValue() => string.Create(CultureInfo.InvariantCulture, $"{StartMs} {EndMs}");

    /// <summary>Reverses <see cref="ToValue"/>.</summary>
    public static HistoryGap Parse(RedisValue value)
    {
        var parts = ((string)value!).Split(' ');
        return new HistoryGap(
            long.Parse(parts[0], CultureInfo.InvariantCulture),
            parts[1].Length == 0 ? null : long.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
