using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using Prometheus;
using StackExchange.Redis;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Applies batches to the profiles in Redis: reads the affected profiles in one pipeline, applies the records that each does not have yet,
/// and writes each bucket back atomically, its profiles by compare-and-set and its marker. A bucket in which another instance has changed a
/// profile meanwhile is read and written again.
/// </summary>
/// <remarks>
/// The marker is the offset per partition before which the bucket has every record. Profiles and marker are written together, so every
/// state that Redis ever had is consistent: it holds every record its marker covers, also an older state that Redis comes back with. Each
/// write requires that the marker is not behind this writer's last one, so nothing is written on top of a loss.
/// <para>
/// Only buckets that a batch touches are written; a checkpoint moves the markers of all of them once a second. Moving all markers with each
/// batch would cost a write per bucket and batch. The price is that up to a second of records is read again after a crash, and skipped.
/// </para>
/// One caller at a time: the buffers are reused.
/// </remarks>
internal sealed class RedisProfileWriter(
    RedisConnections redis, RedisRetry retry, ProfileKeys keys, PreviousProfiles? previous, CorruptProfiles corrupt, SecretState secret,
    RedisOptions options, TimeProvider time, ILogger<RedisProfileWriter> log)
{
    private const int MostProfilesAtOnce = 2048;
    private const int LifetimePeriodDays = 3, LifetimeReserveDays = 7;
    private static readonly string ReplaceCorrupt = RedisScript.Load("replace-corrupt-profile");
    private static readonly TimeSpan ConflictPause = TimeSpan.FromMilliseconds(20);

    private readonly IDatabase _database = redis.Writing.GetDatabase();
    private readonly EntityProfile[] _profiles = [.. keys.Catalogue.Entities.Select(plan => new EntityProfile(plan))];
    private readonly RedisValue[] _lifetimesMs = [.. keys.Catalogue.Entities.Select(plan => (RedisValue)LifetimeMs(plan))];
    private readonly Histogram.Child[] _sizes =
        [.. keys.Catalogue.Entities.Select(plan => ServerMetrics.ProfileBytes.WithLabels(plan.Name))];
    private readonly ProfileWriter _writer = new();

    /// <summary>The markers that this writer expects in Redis.</summary>
    public StateMarkers Markers { get; } = new();

    /// <summary>Reads the markers of a partition; 0 for a bucket without one.</summary>
    /// <exception cref="OtherSecretException">The profiles were written with another secret.</exception>
    public async Task ReadMarkersAsync(int source, CancellationToken cancellationToken)
    {
        var positions = await ReadPositionsAsync(source, cancellationToken);
        if (Array.Exists(positions, position => secret.IsPrevious(position[1])))
        {
            await retry.UntilDoneAsync(secret.RotateAsync, cancellationToken);
            positions = await ReadPositionsAsync(source, cancellationToken);
        }
        if (secret.Accept(Array.ConvertAll(positions, position => position[1])) is { } reason)
        {
            throw secret.Refused(reason);
        }
        Markers.Set(source, Array.ConvertAll(positions, position => (long?)position[0] ?? 0));
    }

    /// <summary>Reads a bucket's marker: by partition, the offset before which the bucket has every record.</summary>
    public async Task<IReadOnlyList<(int Source, long Next)>> ReadMarkersAsync(int bucket) =>
        [.. MarkerFields.Offsets(await _database.HashGetAllAsync(keys.Marker(bucket)))];

    /// <summary>
    /// Applies a batch, retrying while Redis is unavailable: no record is lost, and none counts twice. Afterwards the batch is
    /// <see cref="IngestBatchState.Written"/>.
    /// </summary>
    /// <returns>False if Redis has lost data: nothing more may be written before the log is rewound to the markers.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; some profiles may have the batch. Apply it again.</exception>
    /// <exception cref="NewerProfileException">A profile was written by a newer release.</exception>
    /// <exception cref="OtherSecretException">The profiles were written with another secret.</exception>
    public async Task<bool> ApplyAsync(IngestBatch batch, CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, EntityKey.Buckets).Where(bucket => batch.ProfilesOf(bucket).Count > 0).ToList();
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            var conflicts = new List<int>();
            if (!await retry.UntilDoneAsync(() => ApplyAsync(open, batch, conflicts), cancellationToken))
            {
                return false;
            }
            open = conflicts;
            ServerMetrics.ProfileConflicts.Inc(conflicts.Count);
            if (attempt >= options.MaxConflictRetries && conflicts.Count > 0)
            {
                await Task.Delay(ConflictPause, time, cancellationToken);
            }
        }
        await batch.WrittenAsync();
        return true;
    }

    /// <summary>Advances the markers of all buckets to these offsets, so that they may be committed.</summary>
    /// <returns>False if Redis has lost data.</returns>
    public Task<bool> CheckpointAsync(SortedList<int, long> nextOffsets, CancellationToken cancellationToken) => retry.UntilDoneAsync(
        async () =>
        {
            if (nextOffsets.Count == 0)
            {
                return true;
            }
            var groups = BucketGroups.Create(Enumerable.Range(0, EntityKey.Buckets), _ => 1, redis.IsCluster);
            return await FinishAsync(groups.ConvertAll(group => Apply(group, null, [], [], nextOffsets).SendAsync(_database)), []);
        },
        cancellationToken);

    /// <summary>Replaces a corrupt profile by a rebuilt one, if that has every record that the bucket has.</summary>
    /// <returns>False if the bucket has more records.</returns>
    public async Task<bool> ReplaceAsync(CorruptProfile found, EntityProfile rebuilt, SortedList<int, long> reached)
    {
        var (name, bucket) = (keys.Name(found.Entity, found.Key), found.Key.Bucket);
        var stored = (byte[]?)await _database.StringGetAsync(name) ?? [];
        if (stored.Length == 0 || ProfileCodec.Read(stored, _profiles[found.Entity]) != ProfileFault.Corrupt)
        {
            return true;
        }
        // It may have been erased while the log was read.
        rebuilt.RemoveUntil(keys.ErasedUntil(found.Key, EntityKey.None));
        rebuilt.Revision = BucketWrite.NewRevision();
        RedisValue[] values = [stored, ProfileCodec.Write(rebuilt, _writer).ToArray(), _lifetimesMs[found.Entity],
            BucketWrite.NewVersion(), .. reached.SelectMany(next => new RedisValue[] { next.Key, next.Value })];
        return (int)await _database.ScriptEvaluateAsync(ReplaceCorrupt, [keys.Marker(bucket), keys.Version(bucket), name], values) == 1;
    }

    private Task<RedisValue[][]> ReadPositionsAsync(int source, CancellationToken cancellationToken)
    {
        RedisValue[] fields = [source, ProfileKeys.SecretField];
        return retry.UntilDoneAsync(
            () => Task.WhenAll(
                Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _database.HashGetAsync(keys.Marker(bucket), fields))),
            cancellationToken);
    }

    private async Task<bool> ApplyAsync(List<int> buckets, IngestBatch batch, List<int> conflicts)
    {
        var (clock, since) = (batch.Clock, IngestClock.Now);
        var groups = BucketGroups.Create(buckets, SizeOf, redis.IsCluster);
        var sizes = groups.ConvertAll(group => group.Sum(SizeOf));
        var (reads, writes) = (new Queue<Task<RedisValue[]>>(), new List<Task<IReadOnlyList<(int, BucketAnswer)>>>(groups.Count));
        var (asked, ahead, answered, behind) = (0, 0, 0, 0);
        try
        {
            for (var g = 0; g < groups.Count; g++)
            {
                // 4 Read: Redis reads the next groups while this one is applied. The claims may still be running, but nothing is written
                // before they have ended.
                for (; asked < groups.Count && (asked == g || ahead < MostProfilesAtOnce); asked++)
                {
                    reads.Enqueue(ReadAsync(groups[asked], batch));
                    ahead += sizes[asked];
                }
                since = clock.Record(IngestStage.Read, since);
                await batch.ClaimedAsync();
                // The wait for the claims belongs to their stage, not to Read.
                since = g == 0 ? IngestClock.Now : since;
                var read = await reads.Dequeue();
                ahead -= sizes[g];
                var earlier = await ReadPreviousAsync(groups[g], batch, read);
                since = clock.Record(IngestStage.Read, since);
                // 5 Apply
                var write = Apply(groups[g], batch, read, earlier, batch.NextOffsets);
                since = clock.Record(IngestStage.Apply, since);
                // 6 Write: the next groups are applied while Redis writes this one.
                writes.Add(write.SendAsync(_database));
                for (behind += sizes[g]; behind > MostProfilesAtOnce && answered < g; answered++)
                {
                    await writes[answered];
                    behind -= sizes[answered];
                }
                since = clock.Record(IngestStage.Write, since);
            }
        }
        catch
        {
            // Writes in flight must end before the retry reads the profiles again; reads, so that none fails unobserved.
            await Task.WhenAll([.. writes, .. reads]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        var isKept = await FinishAsync(writes, conflicts);
        clock.Record(IngestStage.Write, since);
        return isKept;

        int SizeOf(int bucket) => batch.ProfilesOf(bucket).Count;
    }

    private async Task<bool> FinishAsync(
        IReadOnlyList<Task<IReadOnlyList<(int Bucket, BucketAnswer Answer)>>> writes, List<int> conflicts)
    {
        var written = await Task.WhenAll(writes);
        var answers = written.SelectMany(group => group).ToLookup(bucket => bucket.Answer, bucket => bucket.Bucket);
        if (answers.Contains(BucketAnswer.OtherSecret))
        {
            throw secret.Refused();
        }
        conflicts.AddRange(answers[BucketAnswer.Changed]);
        return !answers.Contains(BucketAnswer.Lost);
    }

    // Versions before profiles: a write between the two then changes a version that was read, and the compare-and-set notices.
    private Task<RedisValue[]> ReadAsync(List<int> buckets, IngestBatch batch) => _database.StringGetAsync(
        [.. buckets.Select(keys.Version), .. buckets.SelectMany(bucket => batch.ProfilesOf(bucket).Select(pending => pending.Key))]);

    /// <summary>Reads the profiles that are only found under the previous secret; empty if there is none.</summary>
    private async Task<RedisValue[]> ReadPreviousAsync(List<int> buckets, IngestBatch batch, RedisValue[] read)
    {
        if (previous is null)
        {
            return [];
        }
        var earlier = read[buckets.Count..];
        var names = buckets.SelectMany(bucket => batch.ProfilesOf(bucket).Select(pending => pending.PreviousKey)).ToArray();
        await previous.FillAsync(_database, earlier, names);
        return earlier;
    }

    /// <summary>
    /// Applies the batch to the profiles that were read, and prepares the write. Without a batch, writes only the markers.
    /// </summary>
    private BucketWrite Apply(
        List<int> buckets, IngestBatch? batch, RedisValue[] read, RedisValue[] earlier, SortedList<int, long> nextOffsets)
    {
        var write = new BucketWrite(keys, Markers, nextOffsets, _lifetimesMs);
        var next = buckets.Count;
        for (var b = 0; b < buckets.Count; b++)
        {
            var profiles = batch?.ProfilesOf(buckets[b]) ?? [];
            write.Begin(buckets[b], batch is null ? RedisValue.Null : read[b], profiles.Count);
            foreach (var pending in profiles)
            {
                var moved = earlier.Length > 0 && read[next].IsNull ? (byte[]?)earlier[next - buckets.Count] : null;
                Update(write, batch!, pending, (byte[]?)read[next++] ?? [], moved ?? []);
            }
            write.End();
        }
        return write;
    }

    /// <param name="write">Receives the profile if it changes.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="pending">The profile's updates.</param>
    /// <param name="stored">The profile; empty if there is none.</param>
    /// <param name="moved">The profile under the previous secret, if there is none under the current one; else empty.</param>
    private void Update(BucketWrite write, IngestBatch batch, PendingProfile pending, byte[] stored, byte[] moved)
    {
        var profile = _profiles[pending.Entity];
        if (!TryDecode(pending, profile, stored.Length > 0 ? stored : moved))
        {
            if (moved.Length > 0)
            {
                // Moved as it is: the repair looks for it under its current key.
                write.AddProfile(pending.Key, stored, moved, pending.Entity, keepsLifetime: false);
                return;
            }
            // If the profile is repaired meanwhile, without this record, the marker would hide the record from it for ever.
            write.RequireNoChange();
            return;
        }
        var changed = profile.RemoveUntil(keys.ErasedUntil(pending.EntityKey, pending.PreviousEntityKey));
        var period = LifetimePeriod(profile);
        foreach (var update in pending.Updates)
        {
            if (!batch.IsDropped(update))
            {
                var applied = update.ApplyTo(profile);
                changed |= applied != AppliedAs.Known;
                batch.Note(update, applied);
            }
        }
        // Nothing to write here, but the command still advances the marker of the bucket.
        // But a profile that was read under the previous secret moves in any case, before anything writes another one in its place.
        if (!changed && moved.Length == 0)
        {
            return;
        }
        profile.Revision = BucketWrite.NewRevision();
        var value = ProfileCodec.Write(profile, _writer).ToArray();
        _sizes[pending.Entity].Observe(value.Length);
        write.AddProfile(pending.Key, stored, value, pending.Entity, stored.Length > 0 && period == LifetimePeriod(profile));
    }

    // The time to live is renewed only when the profile enters a new period: setting it costs Redis as much as setting the value.
    private static long LifetimePeriod(EntityProfile profile) =>
        Math.Max(profile.NewestMs, profile.Labels.Recent.Count > 0 ? profile.Labels.Recent[^1].Label.LabelTimeMs : long.MinValue)
            / (LifetimePeriodDays * MillisecondsPer.Day);

    /// <summary>
    /// Decodes a stored profile. False for a corrupt one, which is skipped and rebuilt from the whole log, this record included.
    /// </summary>
    private bool TryDecode(PendingProfile pending, EntityProfile profile, byte[] stored)
    {
        profile.Clear();
        var fault = stored.Length == 0 ? ProfileFault.None : ProfileCodec.Read(stored, profile);
        if (fault == ProfileFault.NewerVersion)
        {
            throw new NewerProfileException(profile.Plan.Name);
        }
        if (fault == ProfileFault.Corrupt)
        {
            corrupt.Record(pending.Entity, pending.EntityKey);
            log.ProfileRefused(profile.Plan.Name, fault);
        }
        return fault == ProfileFault.None;
    }

    // A profile expires some days after its last event has left every window.
    private static long LifetimeMs(EntityPlan plan) =>
        Math.Max(plan.RetentionMs, plan.LabelRetentionMs) + (LifetimeReserveDays * MillisecondsPer.Day);
}

/// <summary>A stored profile was written by a newer release, and must not be overwritten by this one.</summary>
internal sealed class NewerProfileException(string entity)
    : Exception($"A profile of entity {entity} was written by a newer release; run that release, or set another Redis:KeyPrefix.");
