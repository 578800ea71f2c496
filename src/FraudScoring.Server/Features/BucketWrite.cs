using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>The answer of Redis for one bucket of a <see cref="BucketWrite"/>.</summary>
internal enum BucketAnswer
{
    /// <summary>The bucket was written with another Redis:EntityHashSecret: nothing was written.</summary>
    OtherSecret = -2,
    /// <summary>The marker is behind what this writer knows it was: Redis has lost data, and nothing was written.</summary>
    Lost = -1,
    Written = 0,
    /// <summary>Another instance changed a profile since it was read: nothing was written.</summary>
    Changed = 1,
}

/// <summary>
/// One command that writes a group of buckets, each atomically: all its profiles, its marker and its version, or nothing if the marker is
/// behind or a profile has changed since it was read.
/// </summary>
/// <remarks>
/// Two checks make the write safe. The marker (offsets the bucket has) must not be behind what this writer wrote or read last: a Redis that
/// came back empty or with an older snapshot fails it, and the log is rewound instead of new records being applied on top of a gap. The
/// compare-and-set catches other instances, which may share a profile during a rebalance or when a topic is not keyed by card.
/// <para>
/// The compare-and-set tests the bucket's version first. The version is random and changes with every write of a profile in the bucket: if
/// it is unchanged, so are all profiles, and one value was compared instead of one per profile. Otherwise the profiles' revisions decide,
/// so that two instances conflict only on a profile that both touch. WATCH and MULTI would need a connection of their own per write; a lock
/// would outlive an instance that dies.
/// </para>
/// </remarks>
/// <param name="keys">Names the keys.</param>
/// <param name="markers">The markers this writer expects in Redis; advanced by each write that succeeds.</param>
/// <param name="next">By partition, the offset before which the buckets have every record once this is written.</param>
/// <param name="lifetimesMs">Times to live in milliseconds, one per kind of entity.</param>
internal sealed class BucketWrite(ProfileKeys keys, StateMarkers markers, SortedList<int, long> next, IReadOnlyList<RedisValue> lifetimesMs)
{
    private const int RevisionLength = 8;
    private const byte KeepsLifetime = 128;
    private static readonly string Script = RedisScript.Load("write-buckets");

    // A copy: a write that is still in flight after a failed attempt must not report the offsets of the next batch.
    private readonly SortedList<int, long> _nextOffsets = new(next);
    private readonly List<int> _buckets = [];
    private readonly List<RedisKey> _keys = [];
    private readonly List<RedisValue> _values =
        [NewVersion(), next.Count, lifetimesMs.Count, keys.Fingerprint, .. next.Keys.Select(source => (RedisValue)source), .. next.Values,
            .. lifetimesMs];
    private byte[] _revisions = [], _lives = [];
    private int _begin, _added;

    /// <summary>A random revision, which no profile had before.</summary>
    // Not a counter: after a loss in Redis, two writers would count up to the same number, and one would overwrite the other.
    public static ulong NewRevision() => (ulong)Random.Shared.NextInt64(1, long.MaxValue);

    /// <summary>A random version, which no bucket had before.</summary>
    public static RedisValue NewVersion()
    {
        var bytes = new byte[8];
        // Not a counter: a Redis that came back older would count up again to a version that a reader has seen.
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Begins the next bucket.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="version">Its version, which must have been read before its profiles.</param>
    /// <param name="profiles">Most profiles that follow.</param>
    public void Begin(int bucket, RedisValue version, int profiles)
    {
        _buckets.Add(bucket);
        _keys.Add(keys.Marker(bucket));
        _keys.Add(keys.Version(bucket));
        // The values hold these arrays by reference, and AddProfile fills them. The script does not read what stays unused at their end.
        (_revisions, _lives, _added) = (new byte[profiles * RevisionLength], new byte[profiles], 0);
        _begin = _values.Count;
        _values.AddRange([0, version.IsNull ? RedisValue.EmptyString : version, _revisions, _lives, 0]);
        foreach (var source in _nextOffsets.Keys)
        {
            _values.Add(markers.At(source, bucket));
        }
    }

    /// <summary>Adds a profile of the bucket.</summary>
    /// <param name="name">Its key.</param>
    /// <param name="stored">The value that was read; empty if there was none.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="lifetime">Index of its time to live.</param>
    /// <param name="keepsLifetime">True to keep the remaining time to live of the stored value.</param>
    public void AddProfile(RedisKey name, ReadOnlySpan<byte> stored, RedisValue value, int lifetime, bool keepsLifetime)
    {
        // A profile that does not exist keeps zeros, which is what the script takes for none.
        stored[..Math.Min(RevisionLength, stored.Length)].CopyTo(_revisions.AsSpan(_added * RevisionLength));
        _lives[_added++] = (byte)(lifetime | (keepsLifetime ? KeepsLifetime : 0));
        _keys.Add(name);
        _values.Add(value);
    }

    /// <summary>Ends the bucket: only now is the number of its profiles known.</summary>
    public void End() => _values[_begin] = _added;

    /// <summary>
    /// Makes any change in the bucket a conflict. Used when a corrupt profile is skipped: if it was repaired meanwhile, the batch must be
    /// applied again to the repaired profile.
    /// </summary>
    public void RequireNoChange() => _values[_begin + 4] = 1;

    /// <summary>Sends the command, and advances the known markers of the buckets that were written.</summary>
    public async Task<IReadOnlyList<(int Bucket, BucketAnswer Answer)>> SendAsync(IDatabase database)
    {
        var answers = (int[]?)await database.ScriptEvaluateAsync(Script, [.. _keys], [.. _values]) ?? [];
        for (var b = 0; b < answers.Length; b++)
        {
            for (var i = 0; (BucketAnswer)answers[b] == BucketAnswer.Written && i < _nextOffsets.Count; i++)
            {
                markers.Advance(_nextOffsets.Keys[i], _buckets[b], _nextOffsets.Values[i]);
            }
        }
        return [.. answers.Select((answer, b) => (_buckets[b], (BucketAnswer)answer))];
    }
}
