using System.Buffers.Binary;
using FraudScoring.Core.Features;
using FraudScoring.Server.Monitoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Takes batches into the profiles in Redis: reads the touched ones in one pipeline, applies the records each does not have yet, and
/// writes each back by compare-and-set on its revision. Those that another instance changed meanwhile are done again.
/// </summary>
/// <remarks>One caller at a time: the buffers are reused.</remarks>
internal sealed class RedisProfileWriter(
    RedisConnections redis, FeatureCatalogue catalogue, RedisOptions options, TimeProvider time, ILogger<RedisProfileWriter> log)
{
    // The revision is the value's first eight bytes; a key that does not exist has none, which is the empty string.
    private const string CompareAndSet = """
        if redis.call('GETRANGE', KEYS[1], 0, 7) == ARGV[1] then
          redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
          return 1
        end
        return 0
        """;

    private const int ChunkSize = 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly IDatabase _database = redis.Writing.GetDatabase();
    private readonly EntityProfile[] _profiles = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
    private readonly long[] _lifetimesMs = [.. catalogue.Entities.Select(plan => LifetimeMs(plan))];
    private readonly ProfileWriter _writer = new();

    /// <summary>Takes a batch in, waiting out failures of Redis: nothing is lost, and nothing counts twice.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the batch may be in part of the profiles, and is to be applied again.</exception>
    /// <exception cref="NewerProfileException">A profile was written by a newer release.</exception>
    public async Task ApplyAsync(ProfileBatch batch, CancellationToken cancellationToken)
    {
        var open = batch.Pending;
        var pause = FirstPause;
        for (var attempt = 0; open.Count > 0; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var conflicts = new List<PendingProfile>();
                foreach (var chunk in open.Chunk(ChunkSize))
                {
                    await ApplyChunkAsync(chunk, conflicts);
                }
                open = conflicts;
                if (attempt >= options.MaxConflictRetries && open.Count > 0)
                {
                    await Task.Delay(FirstPause, time, cancellationToken);
                }
                pause = FirstPause;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                ServerMetrics.ProfileWriteFailures.Inc();
                log.ProfileWriteRetried(pause, e.Message);
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task ApplyChunkAsync(PendingProfile[] chunk, List<PendingProfile> conflicts)
    {
        var reads = Array.ConvertAll(chunk, pending => _database.StringGetLeaseAsync(pending.Key));
        var writes = new Task<RedisResult>?[chunk.Length];
        await Task.WhenAll(reads);
        for (var i = 0; i < chunk.Length; i++)
        {
            using var lease = await reads[i];
            writes[i] = Write(chunk[i], lease);
        }
        for (var i = 0; i < chunk.Length; i++)
        {
            if (writes[i] is { } write && (int)await write == 0)
            {
                conflicts.Add(chunk[i]);
                ServerMetrics.ProfileConflicts.Inc();
            }
        }
    }

    private Task<RedisResult>? Write(PendingProfile pending, Lease<byte>? lease)
    {
        var profile = _profiles[pending.Entity];
        // What the store holds is compared as it is stored, even when it is corrupt and is built anew from here.
        RedisValue expected = lease is null ? RedisValue.EmptyString : lease.Span[..Math.Min(8, lease.Length)].ToArray();
        Read(profile, lease);
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
        ServerMetrics.ProfileBytes.WithLabels(profile.Plan.Name).Observe(value.Length);
        return _database.ScriptEvaluateAsync(CompareAndSet, [pending.Key], [expected, value, _lifetimesMs[pending.Entity]]);
    }

    private void Read(EntityProfile profile, Lease<byte>? lease)
    {
        profile.Clear();
        var fault = lease is null ? ProfileFault.None : ProfileCodec.Read(lease.Span, profile);
        if (fault == ProfileFault.NewerVersion)
        {
            throw new NewerProfileException(profile.Plan.Name);
        }
        if (fault == ProfileFault.Corrupt)
        {
            ServerMetrics.ProfileFaults.WithLabels("corrupt").Inc();
            log.ProfileRefused(profile.Plan.Name, fault);
        }
    }

    private static ulong NextRevision(RedisValue expected) =>
        ((ReadOnlyMemory<byte>)expected).Span is { Length: 8 } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) + 1 : 1;

    /// <summary>A profile goes a week after nothing of it is of use any more.</summary>
    private static long LifetimeMs(EntityPlan plan) =>
        Math.Max(plan.RetentionMs, plan.LabelLevel.WidthMs * plan.LabelLevel.Count) + (7L * 24 * 3_600_000);
}

/// <summary>A stored profile was written by a newer release, and must not be overwritten by this one.</summary>
internal sealed class NewerProfileException(string entity)
    : Exception($"A profile of entity {entity} was written by a newer release; run that release, or set another Redis:KeyPrefix.");
