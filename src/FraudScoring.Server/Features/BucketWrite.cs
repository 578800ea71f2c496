using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>What became of a bucket in a <see cref="BucketWrite"/>.</summary>
internal enum BucketAnswer
{
    /// <summary>Redis has less of the log than this writer knows it had: nothing was written.</summary>
    Lost = -1,
    /// <summary>All is written.</summary>
    Written = 0,
    /// <summary>Another instance changed a profile: nothing was written.</summary>
    Changed = 1,
}

/// <summary>
/// One command that writes a group of buckets, each as one: all its profiles, its marker and its version; or nothing, when the marker is
/// behind or a profile is not as it was read.
/// </summary>
/// <remarks>
/// The version of a bucket is random and changes with every write of a profile in it. While it is as it was read, so are all profiles;
/// else their revisions tell. So what most writes compare is one value, not one per profile.
/// </remarks>
/// <param name="keys">Names what is written.</param>
/// <param name="markers">What the writer knows Redis to have; advanced by what is written.</param>
/// <param name="next">By partition, the offset before which the buckets have all records with this.</param>
/// <param name="lifetimesMs">Times to live.</param>
internal sealed class BucketWrite(ProfileKeys keys, StateMarkers markers, SortedList<int, long> next, IReadOnlyList<RedisValue> lifetimesMs)
{
    private const int RevisionLength = 8;
    private const byte KeepsLifetime = 128;
    private static readonly string Script = RedisScript.Load("write-buckets");

    // A copy: a write that outlives a failed attempt must not speak of the next batch.
    private readonly SortedList<int, long> _nextOffsets = new(next);
    private readonly List<int> _buckets = [];
    private readonly List<RedisKey> _keys = [];
    private readonly List<RedisValue> _values =
        [NewVersion(), next.Count, lifetimesMs.Count, .. next.Keys.Select(source => (RedisValue)source), .. next.Values, .. lifetimesMs];
    private byte[] _revisions = [], _lives = [];
    private int _begin, _added;

    /// <summary>A version no bucket had before.</summary>
    public static RedisValue NewVersion()
    {
        var bytes = new byte[8];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Begins the next bucket.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="version">Its version, read before its profiles.</param>
    /// <param name="profiles">How many profiles follow at most.</param>
    public void Begin(int bucket, RedisValue version, int profiles)
    {
        _buckets.Add(bucket);
        _keys.Add(keys.Marker(bucket));
        _keys.Add(keys.Version(bucket));
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
    /// <param name="stored">What was read of it, or nothing.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="lifetime">The position of its time to live.</param>
    /// <param name="keepsLifetime">It goes on with the one it has.</param>
    public void AddProfile(RedisKey name, ReadOnlySpan<byte> stored, RedisValue value, int lifetime, bool keepsLifetime)
    {
        stored[..Math.Min(RevisionLength, stored.Length)].CopyTo(_revisions.AsSpan(_added * RevisionLength));
        _lives[_added++] = (byte)(lifetime | (keepsLifetime ? KeepsLifetime : 0));
        _keys.Add(name);
        _values.Add(value);
    }

    /// <summary>Ends the bucket.</summary>
    public void End() => _values[_begin] = _added;

    /// <summary>A profile of the bucket was left alone: if anything in the bucket has changed, that may be the reason to be gone.</summary>
    public void RequireNoChange() => _values[_begin + 4] = 1;

    /// <summary>Sends it, and takes note of the markers of what was written.</summary>
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
