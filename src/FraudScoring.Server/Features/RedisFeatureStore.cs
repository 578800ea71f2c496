using System.Runtime.CompilerServices;
using FraudScoring.Core.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using Prometheus;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Reads the profiles of a payment's entities: one pipelined round trip, whatever their number.</summary>
internal sealed class RedisFeatureStore(
    RedisConnections redis, FeatureCatalogue catalogue, ProfileKeys keys, CorruptProfiles corrupt, TimeProvider time, ILogger<RedisFeatureStore> log)
{
    // KEYS: an entity's newest score requests. ARGV: this one, the most bytes to keep, time to live. Gives this one and those before it.
    private const string PushAttempt = """
        local kept = string.sub(ARGV[1] .. (redis.call('GET', KEYS[1]) or ''), 1, tonumber(ARGV[2]))
        redis.call('SET', KEYS[1], kept, 'PX', ARGV[3])
        return kept
        """;

    // Windows over score requests are a day at most.
    private const long AttemptsLifetimeMs = 25 * 3_600_000L;

    private readonly IDatabase _database = redis.Reading.GetDatabase();
    private readonly Counter.Child[][] _outcomes = [.. catalogue.Entities.Select(entity =>
        Enum.GetNames<ReadOutcome>().Select(outcome => ServerMetrics.ProfilesRead.WithLabels(entity.Name, outcome.ToLowerInvariant())).ToArray())];

    private enum ReadOutcome
    {
        Found,
        Unknown,
        Missing,
    }

    /// <summary>Reads into the context's profiles. What could not be read stays null, which is a missing value to every feature of it.</summary>
    /// <returns>True when everything was read.</returns>
    public ValueTask<bool> ReadAsync(ScoringContext context, TimeSpan limit)
    {
        keys.Of(context.Payment, context.Keys);
        return ReadKeysAsync(context, limit);
    }

    /// <summary>The same, by the keys that are in the context. The request counts among those of its entities, unless it is a rehearsal.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadKeysAsync(ScoringContext context, TimeSpan limit)
    {
        var entities = context.Keys.Length;
        if (!redis.Reading.IsConnected)
        {
            context.Profiles.AsSpan().Clear();
            ServerMetrics.FeatureReadFailures.WithLabels("not_connected").Inc();
            return false;
        }
        for (var e = 0; e < entities; e++)
        {
            context.Reads[e] = context.Keys[e].IsNone ? ScoringContext.NothingToRead : _database.StringGetLeaseAsync(keys.Name(e, context.Keys[e]));
            context.Attempts[e] = context.Keys[e].IsNone || catalogue.Entities[e].AttemptCapacity == 0
                ? ScoringContext.NothingAttempted
                : ReadAttempts(e, context);
        }
        // Replies come in the order of the commands, so the wait is for the last one, and mostly for no other: one continuation and one
        // timer, whatever the number. A task that outlives the limit is not waited for: it ends in its own time, and its lease with it.
        var start = time.GetTimestamp();
        for (var e = entities - 1; e >= 0; e--)
        {
            Task attempts = context.Attempts[e], read = context.Reads[e];
            if (!attempts.IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                await attempts.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            if (!read.IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } rest)
            {
                await read.WaitAsync(rest, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return Decode(context);
    }

    private Task<RedisResult> ReadAttempts(int entity, ScoringContext context)
    {
        var key = keys.Attempts(entity, context.Keys[entity]);
        if (context.IsRehearsal)
        {
            return _database.ExecuteAsync("GET", key);
        }
        var entry = new byte[AttemptHistory.EntryLength];
        AttemptHistory.WriteEntry(entry, context.Payment.EventTimeMs, ProfileEvent.IdOf(context.Payment.TransactionId));
        return _database.ScriptEvaluateAsync(
            PushAttempt, [key], [entry, catalogue.Entities[entity].AttemptCapacity * AttemptHistory.EntryLength, AttemptsLifetimeMs]);
    }

    private bool Decode(ScoringContext context)
    {
        var complete = true;
        for (var e = 0; e < context.Reads.Length; e++)
        {
            var (read, attempts) = (context.Reads[e], context.Attempts[e]);
            context.Profiles[e] = null;
            (context.Reads[e], context.Attempts[e]) = (ScoringContext.NothingToRead, ScoringContext.NothingAttempted);
            if (context.Keys[e].IsNone)
            {
                continue;
            }
            var isRead = Succeeded(read) && Decode(context, e, read.GetAwaiter().GetResult());
            var isCounted = Succeeded(attempts) && (catalogue.Entities[e].AttemptCapacity == 0 || !isRead
                || context.OwnedProfiles[e].Attempts.Read((byte[]?)attempts.GetAwaiter().GetResult() ?? []));
            complete &= isRead && isCounted;
            if (!context.IsRehearsal)
            {
                var outcome = !isRead ? ReadOutcome.Missing : context.OwnedProfiles[e].NewestMs == long.MinValue ? ReadOutcome.Unknown : ReadOutcome.Found;
                _outcomes[e][(int)outcome].Inc();
            }
        }
        return complete;
    }

    private static bool Succeeded(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return true;
        }
        // Observed, so that a failure after the limit is not reported as nobody's.
        _ = task.Exception;
        ServerMetrics.FeatureReadFailures.WithLabels(task.IsFaulted ? "error" : "timeout").Inc();
        return false;
    }

    private bool Decode(ScoringContext context, int entity, Lease<byte>? lease)
    {
        var profile = context.OwnedProfiles[entity];
        if (lease is null)
        {
            profile.Clear();
            context.Profiles[entity] = profile;
            return true;
        }
        using (lease)
        {
            var fault = ProfileCodec.Read(lease.Span, profile);
            if (fault == ProfileFault.None)
            {
                context.Profiles[entity] = profile;
                return true;
            }
            if (fault == ProfileFault.Corrupt)
            {
                corrupt.Add(entity, context.Keys[entity]);
            }
            else
            {
                ServerMetrics.ProfileFaults.WithLabels("newer_version").Inc();
            }
            log.ProfileRefused(profile.Plan.Name, fault);
            return false;
        }
    }
}
