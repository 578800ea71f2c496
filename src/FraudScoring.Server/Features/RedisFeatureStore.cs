using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Monitoring;
using Prometheus;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Reads the profiles of a payment's entities in one pipelined round trip, whatever their number. A single server gets one command that
/// reads all profiles and one that records the score request; a cluster gets these two per entity, since each may be on another node.
/// </summary>
internal sealed class RedisFeatureStore(
    RedisConnections redis, FeatureCatalogue catalogue, ProfileKeys keys, CorruptProfiles corrupt, TimeProvider time,
    ILogger<RedisFeatureStore> log)
{
    private static readonly string PushAttempts = RedisScript.Load("push-attempts");

    // Windows over score requests are at most a day.
    private const long AttemptsLifetimeMs = 25 * MillisecondsPer.Hour;

    private readonly IDatabase _database = redis.Reading.GetDatabase();
    private readonly Counter.Child[][] _outcomes = [.. catalogue.Entities.Select(entity =>
        Enum.GetValues<ReadOutcome>()
            .Select(outcome => ServerMetrics.ProfilesRead.WithLabels(entity.Name, SnakeCase.Convert(outcome))).ToArray())];

    private enum ReadOutcome
    {
        Found,
        Unknown,
        Missing,
    }

    /// <summary>
    /// Reads the profiles of a payment's entities, and records the score request for them. A profile that could not be read stays null; its
    /// features are then missing values.
    /// </summary>
    /// <param name="reads">The buffers.</param>
    /// <param name="payment">The payment.</param>
    /// <param name="isCounted">False for a warm-up request, which is neither recorded nor counted.</param>
    /// <param name="limit">The longest wait.</param>
    /// <returns>True if every profile was read.</returns>
    public ValueTask<bool> ReadAsync(ProfileReads reads, Payment payment, bool isCounted, TimeSpan limit)
    {
        keys.HashEntities(payment, reads.Keys);
        reads.Attempt = isCounted ? (payment.EventTimeMs, ProfileEvent.IdOf(payment.TransactionId)) : null;
        return SendAndDecodeAsync(reads, limit);
    }

    /// <summary>Reads the profiles of the keys in the buffers, without recording a score request.</summary>
    /// <returns>True if every profile was read.</returns>
    public ValueTask<bool> PeekAsync(ProfileReads reads, TimeSpan limit)
    {
        reads.Attempt = null;
        return SendAndDecodeAsync(reads, limit);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendAndDecodeAsync(ProfileReads reads, TimeSpan limit)
    {
        var entities = reads.Keys.Length;
        if (!redis.Reading.IsConnected)
        {
            reads.Profiles.AsSpan().Clear();
            ServerMetrics.FeatureReadFailures.WithLabels("not_connected").Inc();
            return false;
        }
        reads.EntitiesPerRead = redis.IsCluster ? 1 : entities;
        for (var first = 0; first < entities; first += reads.EntitiesPerRead)
        {
            Send(reads, first);
        }
        // Waits from the last command to the first: Redis replies in order, so once the last one has completed, the others have too. That
        // is one continuation and one timer, where Task.WhenAll needs one per command. A command that exceeds the limit is abandoned.
        var start = time.GetTimestamp();
        for (var first = entities - reads.EntitiesPerRead; first >= 0; first -= reads.EntitiesPerRead)
        {
            Task attempts = reads.Attempts[first], read = reads.Reads[first];
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
        for (var first = 0; first < entities; first += reads.EntitiesPerRead)
        {
            complete &= Decode(reads, first);
        }
        return complete;
    }

    /// <summary>Sends the commands for the group of entities that starts with this one.</summary>
    private void Send(ProfileReads reads, int first)
    {
        var (known, counted) = (0, 0);
        for (var e = first; e < first + reads.EntitiesPerRead; e++)
        {
            known += reads.Keys[e].IsNone ? 0 : 1;
            counted += IsCounted(reads, e) ? 1 : 0;
        }
        var (names, attempts, values) = (new RedisKey[known], new RedisKey[counted], new RedisValue[2 + counted]);
        // Backwards, so that the counts serve as indexes and the keys end up in the order in which Decode reads the answers.
        for (var e = first + reads.EntitiesPerRead - 1; e >= first; e--)
        {
            if (!reads.Keys[e].IsNone)
            {
                names[--known] = keys.Name(e, reads.Keys[e]);
            }
            if (IsCounted(reads, e))
            {
                attempts[--counted] = keys.Attempts(e, reads.Keys[e]);
                values[2 + counted] = catalogue.Entities[e].AttemptCapacity * AttemptHistory.EntryLength;
            }
        }
        try
        {
            reads.Reads[first] = names.Length == 0 ? ProfileReads.NothingToRead : _database.StringGetAsync(names);
            reads.Attempts[first] = attempts.Length == 0 ? ProfileReads.NothingAttempted : SendAttempts(reads, attempts, values);
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // The client has just detected a cluster, or the service is stopping.
            (reads.Reads[first], reads.Attempts[first]) = (Task.FromException<RedisValue[]>(e), Task.FromException<RedisResult>(e));
        }
    }

    private Task<RedisResult> SendAttempts(ProfileReads reads, RedisKey[] attempts, RedisValue[] values)
    {
        if (reads.Attempt is not { } attempt)
        {
            return _database.ExecuteAsync("MGET", Array.ConvertAll<RedisKey, object>(attempts, key => key));
        }
        var entry = new byte[AttemptHistory.EntryLength];
        AttemptHistory.WriteEntry(entry, attempt.TimeMs, attempt.Id);
        (values[0], values[1]) = (entry, AttemptsLifetimeMs);
        return _database.ScriptEvaluateAsync(PushAttempts, attempts, values);
    }

    private bool IsCounted(ProfileReads reads, int entity) => !reads.Keys[entity].IsNone && catalogue.Entities[entity].AttemptCapacity > 0;

    private bool Decode(ProfileReads reads, int first)
    {
        var stored = Succeeded(reads.Reads[first]) ? reads.Reads[first].GetAwaiter().GetResult() : null;
        var attempts = Succeeded(reads.Attempts[first]) ? (RedisResult[]?)reads.Attempts[first].GetAwaiter().GetResult() : null;
        // The buffers are reused: an abandoned command must not be left in them for the next payment.
        (reads.Reads[first], reads.Attempts[first]) = (ProfileReads.NothingToRead, ProfileReads.NothingAttempted);
        var (complete, nextRead, nextAttempts) = (true, 0, 0);
        for (var e = first; e < first + reads.EntitiesPerRead; e++)
        {
            reads.Profiles[e] = null;
            if (reads.Keys[e].IsNone)
            {
                continue;
            }
            var isRead = stored is not null && Decode(reads, e, (byte[]?)stored[nextRead++]);
            var isCounted = !IsCounted(reads, e)
                || (attempts is not null && ReadAttempts(reads, e, (byte[]?)attempts[nextAttempts++], isRead));
            complete &= isRead && isCounted;
            if (reads.Attempt is not null)
            {
                var outcome = !isRead ? ReadOutcome.Missing
                    : reads.OwnedProfiles[e].NewestMs == long.MinValue ? ReadOutcome.Unknown
                    : ReadOutcome.Found;
                _outcomes[e][(int)outcome].Inc();
            }
        }
        return complete;
    }

    // Score requests are decoded into the profile, so they are of no use without it.
    private static bool ReadAttempts(ProfileReads reads, int entity, byte[]? attempts, bool isRead) =>
        !isRead || reads.OwnedProfiles[entity].Attempts.Read(attempts ?? []);

    private static bool Succeeded(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return true;
        }
        // Reading the exception marks it as observed: a command that fails after the limit must not raise UnobservedTaskException.
        _ = task.Exception;
        ServerMetrics.FeatureReadFailures.WithLabels(task.IsFaulted ? "error" : "timeout").Inc();
        return false;
    }

    private bool Decode(ProfileReads reads, int entity, byte[]? stored)
    {
        var profile = reads.OwnedProfiles[entity];
        if (stored is null)
        {
            // Never seen is not missing: an empty history has counts of 0, not NaN.
            profile.Clear();
            reads.Profiles[entity] = profile;
            return true;
        }
        var fault = ProfileCodec.Read(stored, profile);
        if (fault == ProfileFault.None)
        {
            reads.Profiles[entity] = profile;
            return true;
        }
        if (fault == ProfileFault.Corrupt)
        {
            corrupt.Record(entity, reads.Keys[entity]);
        }
        else
        {
            ServerMetrics.ProfileFaults.WithLabels("newer_version").Inc();
        }
        log.ProfileRefused(profile.Plan.Name, fault);
        return false;
    }
}
