using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using Prometheus;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Reads the profiles of a payment's entities: one pipelined round trip, whatever their number. From a single server with one command
/// for all of them, and one that counts the request; on a cluster with those two for each entity, since each is on a node of its own.
/// </summary>
internal sealed class RedisFeatureStore(
    RedisConnections redis, FeatureCatalogue catalogue, ProfileKeys keys, CorruptProfiles corrupt, TimeProvider time, ILogger<RedisFeatureStore> log)
{
    private static readonly string PushAttempts = RedisScript.Load("push-attempts");

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
        keys.HashEntities(context.Payment, context.Keys);
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
        context.EntitiesPerRead = redis.IsCluster ? 1 : entities;
        for (var first = 0; first < entities; first += context.EntitiesPerRead)
        {
            Send(context, first);
        }
        // Replies come in the order of the commands, so the wait is for the last one, and mostly for no other: one continuation and one
        // timer, whatever the number. A task that outlives the limit is not waited for: it ends in its own time.
        var start = time.GetTimestamp();
        for (var first = entities - context.EntitiesPerRead; first >= 0; first -= context.EntitiesPerRead)
        {
            Task attempts = context.Attempts[first], read = context.Reads[first];
            if (!attempts.IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                await attempts.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            if (!read.IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } rest)
            {
                await read.WaitAsync(rest, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        var complete = true;
        for (var first = 0; first < entities; first += context.EntitiesPerRead)
        {
            complete &= Decode(context, first);
        }
        return complete;
    }

    /// <summary>Sends the commands for the entities from this one on.</summary>
    private void Send(ScoringContext context, int first)
    {
        var (known, counted) = (0, 0);
        for (var e = first; e < first + context.EntitiesPerRead; e++)
        {
            known += context.Keys[e].IsNone ? 0 : 1;
            counted += IsCounted(context, e) ? 1 : 0;
        }
        var (names, attempts, values) = (new RedisKey[known], new RedisKey[counted], new RedisValue[2 + counted]);
        for (var e = first + context.EntitiesPerRead - 1; e >= first; e--)
        {
            if (!context.Keys[e].IsNone)
            {
                names[--known] = keys.Name(e, context.Keys[e]);
            }
            if (IsCounted(context, e))
            {
                attempts[--counted] = keys.Attempts(e, context.Keys[e]);
                values[2 + counted] = catalogue.Entities[e].AttemptCapacity * AttemptHistory.EntryLength;
            }
        }
        try
        {
            context.Reads[first] = names.Length == 0 ? ScoringContext.NothingToRead : _database.StringGetAsync(names);
            context.Attempts[first] = attempts.Length == 0 ? ScoringContext.NothingAttempted : SendAttempts(context, attempts, values);
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // It has just turned out that the keys are on several nodes, or the service stops.
            (context.Reads[first], context.Attempts[first]) = (Task.FromException<RedisValue[]>(e), Task.FromException<RedisResult>(e));
        }
    }

    private Task<RedisResult> SendAttempts(ScoringContext context, RedisKey[] attempts, RedisValue[] values)
    {
        if (context.IsRehearsal)
        {
            return _database.ExecuteAsync("MGET", Array.ConvertAll<RedisKey, object>(attempts, key => key));
        }
        var entry = new byte[AttemptHistory.EntryLength];
        AttemptHistory.WriteEntry(entry, context.Payment.EventTimeMs, ProfileEvent.IdOf(context.Payment.TransactionId));
        (values[0], values[1]) = (entry, AttemptsLifetimeMs);
        return _database.ScriptEvaluateAsync(PushAttempts, attempts, values);
    }

    private bool IsCounted(ScoringContext context, int entity) => !context.Keys[entity].IsNone && catalogue.Entities[entity].AttemptCapacity > 0;

    private bool Decode(ScoringContext context, int first)
    {
        var stored = Succeeded(context.Reads[first]) ? context.Reads[first].GetAwaiter().GetResult() : null;
        var attempts = Succeeded(context.Attempts[first]) ? (RedisResult[]?)context.Attempts[first].GetAwaiter().GetResult() : null;
        (context.Reads[first], context.Attempts[first]) = (ScoringContext.NothingToRead, ScoringContext.NothingAttempted);
        var (complete, nextRead, nextAttempts) = (true, 0, 0);
        for (var e = first; e < first + context.EntitiesPerRead; e++)
        {
            context.Profiles[e] = null;
            if (context.Keys[e].IsNone)
            {
                continue;
            }
            var isRead = stored is not null && Decode(context, e, (byte[]?)stored[nextRead++]);
            var isCounted = !IsCounted(context, e) || (attempts is not null && ReadAttempts(context, e, (byte[]?)attempts[nextAttempts++], isRead));
            complete &= isRead && isCounted;
            if (!context.IsRehearsal)
            {
                var outcome = !isRead ? ReadOutcome.Missing : context.OwnedProfiles[e].NewestMs == long.MinValue ? ReadOutcome.Unknown : ReadOutcome.Found;
                _outcomes[e][(int)outcome].Inc();
            }
        }
        return complete;
    }

    /// <summary>Requests stand in the profile, so without it they are not of use.</summary>
    private static bool ReadAttempts(ScoringContext context, int entity, byte[]? attempts, bool isRead) =>
        !isRead || context.OwnedProfiles[entity].Attempts.Read(attempts ?? []);

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

    private bool Decode(ScoringContext context, int entity, byte[]? stored)
    {
        var profile = context.OwnedProfiles[entity];
        if (stored is null)
        {
            profile.Clear();
            context.Profiles[entity] = profile;
            return true;
        }
        var fault = ProfileCodec.Read(stored, profile);
        if (fault == ProfileFault.None)
        {
            context.Profiles[entity] = profile;
            return true;
        }
        if (fault == ProfileFault.Corrupt)
        {
            corrupt.Record(entity, context.Keys[entity]);
        }
        else
        {
            ServerMetrics.ProfileFaults.WithLabels("newer_version").Inc();
        }
        log.ProfileRefused(profile.Plan.Name, fault);
        return false;
    }
}
