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
    // KEYS: for each bucket its marker, its version, and its profiles. ARGV: the version to write, how many partitions and times to live,
    // the partitions' fields, their next positions, the times to live; then for each bucket the number of its profiles, the version that
    // was read, the profiles' expected revisions, eight bytes each (a value's first eight, or zeros for none), a byte for each that says
    // which time to live it gets (128 more: only if it is not there any more), whether nothing at all may have changed, by partition the
    // least position, and the profiles' new values. What is small is packed together: each value that a script is given costs Redis about
    // a microsecond. Lua cannot pass on more than some thousand values at once, hence the slices.
    private const string Script = """
        local version, sources, lives = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
        local fields, none, answers, set = {}, string.rep('\0', 8), {}, redis.call
        for i = 1, sources do fields[i] = ARGV[3 + i] end
        local key, arg = 1, 3 + 2 * sources + lives
        while key < #KEYS do
          local count, seen, revisions, life, strict = tonumber(ARGV[arg + 1]), ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5] == '1'
          local advance, answer = {}, 0
          arg = arg + 5
          local reached = redis.call('HMGET', KEYS[key], unpack(fields))
          for i = 1, sources do
            local at, next = tonumber(reached[i] or '0'), ARGV[3 + sources + i]
            if at < tonumber(ARGV[arg + i]) then answer = -1 end
            if at < tonumber(next) then
              advance[#advance + 1] = fields[i]
              advance[#advance + 1] = next
            end
          end
          arg = arg + sources
          local same = answer == 0 and (count > 0 or strict) and (redis.call('GET', KEYS[key + 1]) or '') == seen
          if answer == 0 and strict and not same then answer = 1 end
          if answer == 0 and count > 0 and (not same or seen == '') then
            for from = 1, count, 1000 do
              local to = math.min(from + 999, count)
              local stored = redis.call('MGET', unpack(KEYS, key + 1 + from, key + 1 + to))
              for k = from, to do
                if string.sub(stored[k - from + 1] or none, 1, 8) ~= string.sub(revisions, 8 * k - 7, 8 * k) then answer = 1 end
              end
            end
          end
          if answer == 0 then
            for k = 1, count do
              local which, kept = string.byte(life, k), false
              if which >= 128 then kept, which = set('SET', KEYS[key + 1 + k], ARGV[arg + k], 'XX', 'KEEPTTL'), which - 128 end
              if not kept then set('SET', KEYS[key + 1 + k], ARGV[arg + k], 'PX', ARGV[4 + 2 * sources + which]) end
            end
            if count > 0 then redis.call('SET', KEYS[key + 1], version) end
            if #advance > 0 then redis.call('HSET', KEYS[key], unpack(advance)) end
          end
          answers[#answers + 1] = answer
          key, arg = key + 2 + count, arg + count
        end
        return answers
        """;

    private const int RevisionLength = 8;
    private const byte KeepsLifetime = 128;

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
    public void Add(RedisKey name, ReadOnlySpan<byte> stored, RedisValue value, int lifetime, bool keepsLifetime)
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
