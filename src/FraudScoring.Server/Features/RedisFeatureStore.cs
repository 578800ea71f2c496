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
/// reads all profiles and one that records the score request; a cluster gets these two per entity, since each may be on another node. The
/// stored answer is one more key of the first command, and a command of its own on a cluster.
/// </summary>
internal sealed class RedisFeatureStore(
    RedisConnections redis, FeatureCatalogue catalogue, ProfileKeys keys, PreviousProfiles? previous, CorruptProfiles corrupt,
    SecretState secret, TimeProvider time, ILogger<RedisFeatureStore> log)
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
    /// <param name="answer">The key of a stored answer to read along; null for none.</param>
    /// <param name="limit">The longest wait.</param>
    /// <returns>True if every profile was read.</returns>
    public ValueTask<bool> ReadAsync(ProfileReads reads, Payment payment, bool isCounted, RedisKey? answer, TimeSpan limit)
    {
        reads.AnswerKey = answer;
        keys.HashEntities(payment, reads.Keys);
        previous?.Keys.HashEntities(payment, reads.PreviousKeys);
        reads.Attempt = isCounted ? (payment.EventTimeMs, ProfileEvent.IdOf(payment.TransactionId)) : null;
        return SendAndDecodeAsync(reads, limit);
    }

    /// <summary>Marks the profiles of a payment's entities as missing, when there is no time to read them.</summary>
    public void Skip(ProfileReads reads, Payment payment)
    {
        keys.HashEntities(payment, reads.Keys);
        reads.MissAll();
    }

    /// <summary>Reads the profiles of the keys in the buffers, without recording a score request.</summary>
    /// <returns>True if every profile was read.</returns>
    public ValueTask<bool> PeekAsync(ProfileReads reads, TimeSpan limit)
    {
        (reads.Attempt, reads.AnswerKey) = (null, null);
        return SendAndDecodeAsync(reads, limit);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendAndDecodeAsync(ProfileReads reads, TimeSpan limit)
    {
        var entities = reads.Keys.Length;
        if (!redis.Reading.IsConnected || secret.IsOther)
        {
            reads.MissAll();
            ServerMetrics.FeatureReadFailures.WithLabels(secret.IsOther ? "other_secret" : "not_connected").Inc();
            return false;
        }
        var isCluster = redis.IsCluster;
        reads.EntitiesPerRead = isCluster ? 1 : entities;
        (reads.Answer, reads.AnswerRead) = (null, isCluster ? SendAnswer(reads) : null);
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
        await FinishAnswerAsync(reads, limit - time.GetElapsedTime(start));
        if (previous is not null)
        {
            await ReadPreviousAsync(previous, reads, limit - time.GetElapsedTime(start));
        }
        var complete = true;
        for (var first = 0; first < entities; first += reads.EntitiesPerRead)
        {
            complete &= Decode(reads, first);
        }
        return complete;
    }

    /// <summary>
    /// Reads profiles that do not exist under the current secret, in a second round trip. It is needed only while the secret is rotated.
    /// </summary>
    private async Task ReadPreviousAsync(PreviousProfiles previous, ProfileReads reads, TimeSpan left)
    {
        var fillings = new Dictionary<int, Task>();
        for (var first = 0; first < reads.Keys.Length; first += reads.EntitiesPerRead)
        {
            if (reads.Reads[first].IsCompletedSuccessfully)
            {
                var names = Enumerable.Range(first, reads.EntitiesPerRead).Where(e => !reads.Keys[e].IsNone)
                    .Select(e => previous.Keys.Name(e, reads.PreviousKeys[e])).ToArray();
                fillings.Add(first, previous.FillAsync(_database, reads.Reads[first].GetAwaiter().GetResult(), names));
            }
        }
        var all = Task.WhenAll(fillings.Values);
        if (!all.IsCompleted && left > TimeSpan.Zero)
        {
            await all.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        foreach (var (first, filling) in fillings)
        {
            if (!Succeeded(filling))
            {
                // Without it, nobody knows whether a profile does not exist or was not found.
                reads.Reads[first] = Task.FromException<RedisValue[]>(new TimeoutException());
            }
        }
    }

    private Task<RedisValue>? SendAnswer(ProfileReads reads)
    {
        try
        {
            return reads.AnswerKey is { } key ? _database.StringGetAsync(key) : null;
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            return Task.FromException<RedisValue>(e);
        }
    }

    private async ValueTask FinishAnswerAsync(ProfileReads reads, TimeSpan left)
    {
        if (reads.AnswerRead is not { } read)
        {
            return;
        }
        reads.AnswerRead = null;
        if (!read.IsCompleted && left > TimeSpan.Zero)
        {
            await ((Task)read).WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (Succeeded(read))
        {
            reads.Answer = (byte[]?)read.GetAwaiter().GetResult();
        }
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
        var alongside = reads.AnswerRead is null ? reads.AnswerKey : null;
        var names = new RedisKey[alongside is null ? known : known + 1];
        var (attempts, values) = (new RedisKey[counted], new RedisValue[2 + counted]);
        if (alongside is { } answer)
        {
            names[^1] = answer;
        }
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
            (reads.Profiles[e], reads.AreMissing[e]) = (null, false);
            if (reads.Keys[e].IsNone)
            {
                continue;
            }
            var isRead = stored is not null && Decode(reads, e, (byte[]?)stored[nextRead++]);
            var isCounted = !IsCounted(reads, e)
                || (attempts is not null && ReadAttempts(reads, e, (byte[]?)attempts[nextAttempts++], isRead));
            RemoveErased(reads, e);
            reads.AreMissing[e] = !isRead || !isCounted;
            complete &= isRead && isCounted;
            if (reads.Attempt is not null)
            {
                var outcome = !isRead ? ReadOutcome.Missing
                    : reads.OwnedProfiles[e].NewestMs == long.MinValue ? ReadOutcome.Unknown
                    : ReadOutcome.Found;
                _outcomes[e][(int)outcome].Inc();
            }
        }
        if (stored is not null && nextRead < stored.Length)
        {
            reads.Answer = (byte[]?)stored[nextRead];
        }
        return complete;
    }

    // Score requests are decoded into the profile, so they are of no use without it.
    private static bool ReadAttempts(ProfileReads reads, int entity, byte[]? attempts, bool isRead) =>
        !isRead || reads.OwnedProfiles[entity].Attempts.Read(attempts ?? []);

    private void RemoveErased(ProfileReads reads, int entity)
    {
        var untilMs = keys.ErasedUntil(reads.Keys[entity], reads.PreviousKeys[entity]);
        if (untilMs == long.MinValue || reads.Profiles[entity] is not { } profile)
        {
            return;
        }
        profile.RemoveUntil(untilMs);
        if (reads.Attempt is { } attempt && profile.Attempts.IsKnown)
        {
            // The request itself counts, however old its payment is.
            profile.Attempts.Add(attempt.TimeMs, attempt.Id);
        }
    }

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
        // While the secret is rotated the consumers find it: the profile may have to move to its current key before it can be repaired.
        if (fault == ProfileFault.Corrupt && previous is null)
        {
            corrupt.Record(entity, reads.Keys[entity]);
        }
        else if (fault == ProfileFault.NewerVersion)
        {
            ServerMetrics.ProfileFaults.WithLabels("newer_version").Inc();
        }
        log.ProfileRefused(profile.Plan.Name, fault);
        return false;
    }
}
