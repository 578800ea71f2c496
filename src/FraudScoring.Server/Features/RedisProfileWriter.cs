using System.Buffers.Binary;
using FraudScoring.Core.Features;
using FraudScoring.Server.Monitoring;
using Prometheus;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Takes batches into the profiles in Redis: reads the touched ones in one pipeline, applies the records each does not have yet, and
/// writes each bucket back as one: all its profiles by compare-and-set on their revisions, and its marker. A bucket of which another
/// instance changed a profile meanwhile is done again.
/// </summary>
/// <remarks>
/// The marker says before which offset of a partition every record is in the bucket, and each write requires that it is not behind the
/// last one of this writer. So a write never goes on top of a Redis that has lost something: every state Redis ever had, of which it
/// may come back with an older one, holds all that its markers say. One caller at a time: the buffers are reused.
/// </remarks>
internal sealed class RedisProfileWriter(
    RedisConnections redis, RedisRetry retry, ProfileKeys keys, CorruptProfiles corrupt, FeatureCatalogue catalogue, RedisOptions options, TimeProvider time,
    ILogger<RedisProfileWriter> log)
{
    // KEYS: the marker, then profiles. ARGV: how many partitions; for each its field, the least and the next position; then for each
    // profile its expected revision, which is the value's first eight bytes or nothing, its new value, and its time to live.
    // Gives nothing when all is written, the positions of profiles that were changed, or -1 when the marker is behind.
    private const string WriteBucket = """
        local sources, next, conflicts = tonumber(ARGV[1]), {}, {}
        for i = 1, sources do
          local at = tonumber(redis.call('HGET', KEYS[1], ARGV[3 * i - 1]) or '0')
          if at < tonumber(ARGV[3 * i]) then return {-1} end
          if at < tonumber(ARGV[3 * i + 1]) then next[#next + 1] = i end
        end
        local first = 3 * sources - 4
        if #KEYS > 1 then
          local stored = redis.call('MGET', unpack(KEYS, 2))
          for k = 2, #KEYS do
            if string.sub(stored[k - 1] or '', 1, 8) ~= ARGV[first + 3 * k] then conflicts[#conflicts + 1] = k end
          end
        end
        if #conflicts > 0 then return conflicts end
        for k = 2, #KEYS do
          redis.call('SET', KEYS[k], ARGV[first + 3 * k + 1], 'PX', ARGV[first + 3 * k + 2])
        end
        for _, i in ipairs(next) do redis.call('HSET', KEYS[1], ARGV[3 * i - 1], ARGV[3 * i + 1]) end
        return {}
        """;

    // KEYS: the marker, the profile. ARGV: the bytes that are corrupt, the new value, its time to live; then fields of partitions and the
    // offsets before which the new value has all of them. Gives 1 when it is written or no longer needed, 0 when the bucket has more.
    private const string ReplaceCorrupt = """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 1 end
        local reached = {}
        for i = 4, #ARGV, 2 do reached[ARGV[i]] = tonumber(ARGV[i + 1]) end
        local marker = redis.call('HGETALL', KEYS[1])
        for i = 1, #marker, 2 do
          if tonumber(marker[i + 1]) > (reached[marker[i]] or 0) then return 0 end
        end
        redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    private const int MostProfilesAtOnce = 2048;
    private static readonly TimeSpan ConflictPause = TimeSpan.FromMilliseconds(20);

    private readonly IDatabase _database = redis.Writing.GetDatabase();
    private readonly EntityProfile[] _profiles = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
    private readonly RedisValue[] _lifetimesMs = [.. catalogue.Entities.Select(plan => (RedisValue)LifetimeMs(plan))];
    private readonly Histogram.Child[] _sizes = [.. catalogue.Entities.Select(plan => ServerMetrics.ProfileBytes.WithLabels(plan.Name))];
    private readonly ProfileWriter _writer = new();

    /// <summary>What this writer knows Redis to have.</summary>
    public StateMarkers Markers { get; } = new();

    /// <summary>Reads the markers of a partition, by bucket; zero where there is none.</summary>
    public async Task ReadMarkersAsync(int source, CancellationToken cancellationToken)
    {
        var positions = await retry.UntilDoneAsync(
            () => Task.WhenAll(Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _database.HashGetAsync(keys.Marker(bucket), source))),
            cancellationToken);
        Markers.Set(source, Array.ConvertAll(positions, position => (long?)position ?? 0));
    }

    /// <summary>Takes a batch in, waiting out failures of Redis: nothing is lost, and nothing counts twice.</summary>
    /// <returns>False when Redis has lost data: nothing more may be written before the log is read again from its markers.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the batch may be in part of the profiles, and is to be applied again.</exception>
    /// <exception cref="NewerProfileException">A profile was written by a newer release.</exception>
    public async Task<bool> ApplyAsync(ProfileBatch batch, CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, EntityKey.Buckets).Where(bucket => batch.Of(bucket).Count > 0).ToList();
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            var conflicts = new List<int>();
            foreach (var chunk in Chunks(open, batch))
            {
                if (!await retry.UntilDoneAsync(() => ApplyAsync(chunk, batch, conflicts), cancellationToken))
                {
                    return false;
                }
            }
            open = conflicts;
            ServerMetrics.ProfileConflicts.Inc(conflicts.Count);
            if (attempt >= options.MaxConflictRetries && conflicts.Count > 0)
            {
                await Task.Delay(ConflictPause, time, cancellationToken);
            }
        }
        return true;
    }

    /// <summary>Moves the markers of all buckets up to these offsets, so that they may be committed.</summary>
    /// <returns>False when Redis has lost data.</returns>
    public Task<bool> CheckpointAsync(SortedList<int, long> nextOffsets, CancellationToken cancellationToken) => retry.UntilDoneAsync(async () =>
    {
        var writes = Enumerable.Range(0, EntityKey.Buckets).Select(bucket => (bucket, WriteAsync(bucket, [], nextOffsets))).ToList();
        return await FinishAsync(writes, nextOffsets, []);
    }, cancellationToken);

    /// <summary>Puts a profile that was built anew in the place of a corrupt one, if it has all that the bucket has.</summary>
    /// <returns>False when the bucket has more.</returns>
    public async Task<bool> ReplaceAsync(CorruptProfile found, EntityProfile rebuilt, SortedList<int, long> reached)
    {
        var (name, marker) = (keys.Name(found.Entity, found.Key), keys.Marker(found.Key.Bucket));
        var stored = (byte[]?)await _database.StringGetAsync(name) ?? [];
        if (stored.Length == 0 || ProfileCodec.Read(stored, _profiles[found.Entity]) != ProfileFault.Corrupt)
        {
            return true;
        }
        rebuilt.Revision = NextRevision(RedisValue.EmptyString);
        RedisValue[] values = [stored, ProfileCodec.Write(rebuilt, _writer).ToArray(), _lifetimesMs[found.Entity],
            .. reached.SelectMany(next => new RedisValue[] { next.Key, next.Value })];
        return (int)await _database.ScriptEvaluateAsync(ReplaceCorrupt, [marker, name], values) == 1;
    }

    private static IEnumerable<List<int>> Chunks(List<int> buckets, ProfileBatch batch)
    {
        var chunk = new List<int>();
        var size = 0;
        foreach (var bucket in buckets)
        {
            if (size > 0 && size + batch.Of(bucket).Count > MostProfilesAtOnce)
            {
                yield return chunk;
                (chunk, size) = ([], 0);
            }
            chunk.Add(bucket);
            size += batch.Of(bucket).Count;
        }
        if (size > 0)
        {
            yield return chunk;
        }
    }

    private async Task<bool> ApplyAsync(List<int> buckets, ProfileBatch batch, List<int> conflicts)
    {
        var reads = buckets.ConvertAll(bucket => _database.StringGetAsync([.. batch.Of(bucket).Select(pending => pending.Key)]));
        var writes = new List<(int, Task<RedisResult>)>(buckets.Count);
        for (var b = 0; b < buckets.Count; b++)
        {
            writes.Add((buckets[b], WriteAsync(buckets[b], Update(batch.Of(buckets[b]), await reads[b]), batch.NextOffsets)));
        }
        return await FinishAsync(writes, batch.NextOffsets, conflicts);
    }

    private async Task<bool> FinishAsync(List<(int Bucket, Task<RedisResult> Write)> writes, SortedList<int, long> nextOffsets, List<int> conflicts)
    {
        await Task.WhenAll(writes.Select(w => w.Write));
        var isWhole = true;
        foreach (var (bucket, write) in writes)
        {
            var answer = (int[]?)await write ?? [];
            if (answer is [-1])
            {
                isWhole = false;
            }
            else if (answer.Length > 0)
            {
                conflicts.Add(bucket);
            }
            else
            {
                foreach (var (source, next) in nextOffsets)
                {
                    Markers.Advance(source, bucket, next);
                }
            }
        }
        return isWhole;
    }

    private Task<RedisResult> WriteAsync(int bucket, List<ProfileWrite> profiles, SortedList<int, long> nextOffsets)
    {
        var names = new RedisKey[1 + profiles.Count];
        names[0] = keys.Marker(bucket);
        var values = new List<RedisValue>(1 + (3 * nextOffsets.Count) + (3 * profiles.Count)) { nextOffsets.Count };
        foreach (var (source, next) in nextOffsets)
        {
            values.AddRange([source, Markers.At(source, bucket), next]);
        }
        for (var i = 0; i < profiles.Count; i++)
        {
            names[i + 1] = profiles[i].Key;
            values.AddRange([profiles[i].Expected, profiles[i].Value, profiles[i].LifetimeMs]);
        }
        return _database.ScriptEvaluateAsync(WriteBucket, names, [.. values]);
    }

    private List<ProfileWrite> Update(IReadOnlyList<PendingProfile> pendings, RedisValue[] stored)
    {
        var writes = new List<ProfileWrite>(pendings.Count);
        for (var i = 0; i < pendings.Count; i++)
        {
            if (Update(pendings[i], (byte[]?)stored[i] ?? []) is { } write)
            {
                writes.Add(write);
            }
        }
        return writes;
    }

    private ProfileWrite? Update(PendingProfile pending, byte[] stored)
    {
        var profile = _profiles[pending.Entity];
        if (!Read(pending, profile, stored))
        {
            return null;
        }
        RedisValue expected = stored.AsMemory(0, Math.Min(8, stored.Length));
        var changed = false;
        foreach (var update in pending.Updates)
        {
            changed |= update.ApplyTo(profile);
        }
        if (!changed)
        {
            return null;
        }
        profile.Revision = NextRevision(expected);
        var value = ProfileCodec.Write(profile, _writer).ToArray();
        _sizes[pending.Entity].Observe(value.Length);
        return new ProfileWrite(pending.Key, expected, value, _lifetimesMs[pending.Entity]);
    }

    /// <summary>Reads what is stored. A corrupt profile is left alone, to be built anew from the whole log, this record included.</summary>
    private bool Read(PendingProfile pending, EntityProfile profile, byte[] stored)
    {
        profile.Clear();
        var fault = stored.Length == 0 ? ProfileFault.None : ProfileCodec.Read(stored, profile);
        if (fault == ProfileFault.NewerVersion)
        {
            throw new NewerProfileException(profile.Plan.Name);
        }
        if (fault == ProfileFault.Corrupt)
        {
            corrupt.Add(pending.Entity, pending.EntityKey);
            log.ProfileRefused(profile.Plan.Name, fault);
        }
        return fault == ProfileFault.None;
    }

    /// <summary>A first revision is random, so that a profile that was lost and built again is not taken for the old one.</summary>
    private static ulong NextRevision(RedisValue expected) => ((ReadOnlyMemory<byte>)expected).Span is { Length: 8 } bytes
        ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) + 1
        : (ulong)Random.Shared.NextInt64();

    /// <summary>A profile goes a week after nothing of it is of use any more.</summary>
    private static long LifetimeMs(EntityPlan plan) =>
        Math.Max(plan.RetentionMs, plan.LabelLevel.WidthMs * plan.LabelLevel.Count) + (7L * 24 * 3_600_000);

    private readonly record struct ProfileWrite(RedisKey Key, RedisValue Expected, RedisValue Value, RedisValue LifetimeMs);
}

/// <summary>A stored profile was written by a newer release, and must not be overwritten by this one.</summary>
internal sealed class NewerProfileException(string entity)
    : Exception($"A profile of entity {entity} was written by a newer release; run that release, or set another Redis:KeyPrefix.");
