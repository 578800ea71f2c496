using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Stores in Redis, next to the profiles, which history they lack: the gaps that losses left, and the beginning of logs that begin late.
/// </summary>
/// <remarks>
/// A hash with a field per partition. Only the consumer of a partition writes its fields, so plain commands do. A log that begins late
/// without a trace of an earlier state, as in a new installation, is no loss: the service never had those records.
/// </remarks>
internal sealed class HistoryGaps(RedisConnections redis, ProfileKeys keys)
{
    /// <summary>Beginning of the field of a gap; the partition's number follows, see <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public const string GapField = "gap:";

    /// <summary>Beginning of the field of the event time that a late log begins with.</summary>
    public const string SinceField = "since:";

    private readonly IDatabase _database = redis.Writing.GetDatabase();

    /// <summary>
    /// Opens a gap. It begins where the profiles were fresh, as far as Redis still knows, or at an earlier gap that a window still reaches.
    /// </summary>
    /// <param name="source">Number of the topic and partition.</param>
    /// <param name="marker">Offset before which Redis has every record.</param>
    /// <param name="nowMs">The time, milliseconds since the Unix epoch.</param>
    public async Task<bool> OpenAsync(int source, long marker, long nowMs)
    {
        var known = await _database.HashGetAsync(keys.History, GapField + source);
        var freshness = await _database.HashGetAsync(keys.Freshness, [source, StreamFreshness.MarkerField + source]);
        // A marker behind that of the freshness is on another node of a cluster, which has lost more.
        var startMs = !freshness[1].IsNull && marker >= (long)freshness[1] ? (long)freshness[0] : 0;
        if (!known.IsNull && HistoryGap.Parse(known) is var earlier && !(earlier.EndMs < nowMs - keys.LongestRetentionMs))
        {
            startMs = Math.Min(startMs, earlier.StartMs);
        }
        return await _database.HashSetAsync(keys.History, GapField + source, new HistoryGap(startMs, null).ToValue());
    }

    /// <summary>Stores that the log begins late, unless that is known.</summary>
    public Task<bool> BeginAsync(int source) => _database.HashSetAsync(keys.History, SinceField + source, 0, When.NotExists);

    /// <summary>Determines whether the end of a gap, and the first record of a late log, are still to come.</summary>
    public async Task<(bool IsOpen, bool Begins)> FindAsync(int source)
    {
        var values = await _database.HashGetAsync(keys.History, [GapField + source, SinceField + source]);
        return (!values[0].IsNull && HistoryGap.Parse(values[0]).EndMs is null, values[1] == 0);
    }

    /// <summary>Stores the end of a gap.</summary>
    /// <returns>False if the gap begins later; it stays open.</returns>
    public async Task<bool> CloseAsync(int source, long endMs)
    {
        var known = await _database.HashGetAsync(keys.History, GapField + source);
        if (known.IsNull || HistoryGap.Parse(known) is not { EndMs: null } gap)
        {
            return true;
        }
        if (endMs <= gap.StartMs)
        {
            return false;
        }
        await _database.HashSetAsync(keys.History, GapField + source, (gap with { EndMs = endMs }).ToValue());
        return true;
    }

    /// <summary>Closes the gaps of a topic that was recreated since: no record will end them.</summary>
    /// <param name="source">Number of the topic as it is now, and of any partition.</param>
    /// <param name="endMs">The time, milliseconds since the Unix epoch.</param>
    public async Task<bool> CloseEarlierAsync(int source, long endMs)
    {
        foreach (var field in await _database.HashKeysAsync(keys.History))
        {
            if (((string)field!).StartsWith(GapField, StringComparison.Ordinal)
                && MarkerFields.TryParse(((string)field!)[GapField.Length..], out var earlier)
                && AppliedOffsets.TopicOf(earlier) == AppliedOffsets.TopicOf(source)
                && AppliedOffsets.GenerationOf(earlier) < AppliedOffsets.GenerationOf(source))
            {
                await CloseAsync(earlier, endMs);
            }
        }
        return true;
    }

    /// <summary>Stores the event time of the first record of a late log.</summary>
    public Task<bool> SetSinceAsync(int source, long eventTimeMs) =>
        _database.HashSetAsync(keys.History, SinceField + source, eventTimeMs);
}
