using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>
/// A consumer's copy of the markers in Redis: per partition and bucket, the offset before which every record is applied. Every write sends
/// the copy along, and Redis refuses the write if its own marker is behind: then Redis has lost data.
/// </summary>
/// <remarks>
/// The copy is what makes a loss visible. Redis cannot tell by itself that it was restored from an older snapshot: its markers and profiles
/// still agree with each other. One marker per bucket instead of one for all lets each bucket be written atomically on its own cluster
/// node, and lets a rewind skip the buckets that lost nothing.
/// </remarks>
internal sealed class StateMarkers
{
    private readonly Dictionary<int, long[]> _positions = [];

    /// <summary>Partitions whose markers were read, numbered by <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public IReadOnlyCollection<int> Sources => _positions.Keys;

    public bool IsKnown(int source) => _positions.ContainsKey(source);

    /// <summary>Stores the markers of a partition as read from Redis, by bucket.</summary>
    public void Set(int source, long[] positions) => _positions[source] = positions;

    public void Forget(int source) => _positions.Remove(source);

    public void Clear() => _positions.Clear();

    /// <summary>Offset before which a bucket has every record of the partition; 0 if unknown.</summary>
    public long At(int source, int bucket) => _positions.TryGetValue(source, out var positions) ? positions[bucket] : 0;

    /// <summary>Offset before which all buckets have every record of the partition; 0 if unknown.</summary>
    public long Least(int source) => _positions.TryGetValue(source, out var positions) ? positions.Min() : 0;

    /// <summary>Records a write that succeeded. Never moves a marker back.</summary>
    public void Advance(int source, int bucket, long next)
    {
        if (_positions.TryGetValue(source, out var positions))
        {
            positions[bucket] = Math.Max(positions[bucket], next);
        }
    }
}
