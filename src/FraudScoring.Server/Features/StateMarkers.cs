using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>
/// What a consumer knows to be in Redis: by partition of the log and bucket of keys, the offset before which every record is applied. Redis
/// has the same in each bucket's marker, and every write checks that it has not fallen behind: if it has, Redis has lost data.
/// </summary>
internal sealed class StateMarkers
{
    private readonly Dictionary<int, long[]> _positions = [];

    /// <summary>The partitions whose markers are known, as <see cref="AppliedOffsets.SourceOf"/> numbers them.</summary>
    public IReadOnlyCollection<int> Sources => _positions.Keys;

    /// <summary>The markers of a partition were read.</summary>
    public bool IsKnown(int source) => _positions.ContainsKey(source);

    /// <summary>Takes note of what Redis has, by bucket.</summary>
    public void Set(int source, long[] positions) => _positions[source] = positions;

    /// <summary>Forgets a partition.</summary>
    public void Forget(int source) => _positions.Remove(source);

    /// <summary>Forgets what was known.</summary>
    public void Clear() => _positions.Clear();

    /// <summary>The offset before which all of the partition is applied to a bucket.</summary>
    public long At(int source, int bucket) => _positions.TryGetValue(source, out var positions) ? positions[bucket] : 0;

    /// <summary>The offset before which all of the partition is applied to all buckets.</summary>
    public long Least(int source) => _positions.TryGetValue(source, out var positions) ? positions.Min() : 0;

    /// <summary>Takes note of a write that succeeded.</summary>
    public void Advance(int source, int bucket, long next)
    {
        if (_positions.TryGetValue(source, out var positions))
        {
            positions[bucket] = Math.Max(positions[bucket], next);
        }
    }
}
