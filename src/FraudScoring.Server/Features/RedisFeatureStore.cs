using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Resilience;
using Prometheus;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Reads the profiles of a payment's entities in one pipelined round trip, whatever their number, and records the score request for them.
/// </summary>
/// <remarks>
/// Each entity that counts requests has a log: entries in the order in which requests arrived. A request appends its entry, and nobody
/// waits for that. Then one command reads all profiles, all logs and the stored answer; on a cluster there is one per entity, since each
/// may be on another node. A request counts the entries up to its own, so that of concurrent ones each sees another count. Whoever reads a
/// long log replaces it by a shorter one, in the background.
/// <para>
/// Not a script that does all of this: that cost Redis two to three times the time of these commands for each payment. Nor a time to live
/// that is renewed less often: most entities are not scored again within the hours that this could save, and a renewal costs Redis less
/// than a microsecond.
/// </para>
/// </remarks>
internal sealed class RedisFeatureStore(
    RedisConnections redis, RedisBreakers breakers, WaitDeadlines deadlines, FeatureCatalogue catalogue, ProfileKeys keys,
    PreviousProfiles? previous, CorruptProfiles corrupt, SecretState secret, TimeProvider time, ILogger<RedisFeatureStore> log)
{
    private static readonly string CompactAttempts = RedisScript.Load("compact-attempts");

    // Windows over score requests are at most a day.
    private static readonly TimeSpan AttemptsLifetime = TimeSpan.FromHours(25);

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
        (reads.Answer, reads.AnswerRead) = (null, null);
        var start = time.GetTimestamp();
        if (isCluster && reads.AnswerKey is { } answer)
        {
            SendAnswer(reads, answer);
        }
        var (alongside, entry) = (isCluster ? null : reads.AnswerKey, EntryOf(reads.Attempt));
        for (var first = 0; first < entities; first += reads.EntitiesPerRead)
        {
            Send(reads, first, entry, alongside);
        }
        // Waits from the last command to the first: Redis replies in order, so once the last one has completed, the others have too. That
        // is one continuation, where Task.WhenAll needs one per command. A command that exceeds the limit is abandoned.
        for (var first = entities - reads.EntitiesPerRead; first >= 0; first -= reads.EntitiesPerRead)
        {
            Task read = reads.Reads[first];
            if (!read.IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                await WaitOf(reads).WaitAsync(read, left);
            }
            Record(reads, first, start);
        }
        await FinishAnswerAsync(reads, start, limit);
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
                // A log is not read under the previous secret, under which none has been written for long.
                var names = Enumerable.Range(first, reads.EntitiesPerRead).Where(e => !reads.Keys[e].IsNone)
                    .SelectMany(e => Enumerable.Repeat(default(RedisKey), IsCounted(reads, e) ? 1 : 0)
                        .Prepend(previous.Keys.Name(e, reads.PreviousKeys[e]))).ToArray();
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

    private void SendAnswer(ProfileReads reads, RedisKey answer)
    {
        try
        {
            reads.AnswerRead = breakers.Of(ProfileKeys.BucketOf(answer)).IsOpen ? null : _database.StringGetAsync(answer);
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            reads.AnswerRead = Task.FromException<RedisValue>(e);
        }
    }

    private async ValueTask FinishAnswerAsync(ProfileReads reads, long start, TimeSpan limit)
    {
        if (reads.AnswerRead is not { } read)
        {
            return;
        }
        reads.AnswerRead = null;
        if (!read.IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } left)
        {
            await WaitOf(reads).WaitAsync(read, left);
        }
        breakers.Of(ProfileKeys.BucketOf(reads.AnswerKey!.Value)).Record(read, start);
        if (Succeeded(read))
        {
            reads.Answer = (byte[]?)read.GetAwaiter().GetResult();
        }
    }

    /// <summary>Sends the commands for the group of entities that starts with this one.</summary>
    /// <param name="reads">The buffers.</param>
    /// <param name="first">The entity.</param>
    /// <param name="entry">The entry of the score request; null if it is not counted.</param>
    /// <param name="alongside">The key of a stored answer to read with the profiles; null for none.</param>
    private void Send(ProfileReads reads, int first, RedisValue entry, RedisKey? alongside)
    {
        var length = alongside is null ? 0 : 1;
        for (var e = first; e < first + reads.EntitiesPerRead; e++)
        {
            length += reads.Keys[e].IsNone ? 0 : IsCounted(reads, e) ? 2 : 1;
        }
        if (length == 0)
        {
            reads.Reads[first] = ProfileReads.NothingToRead;
            return;
        }
        if (BreakerOf(reads, first).IsOpen)
        {
            reads.Reads[first] = ProfileReads.Skipped;
            return;
        }
        var (names, next) = (new RedisKey[length], 0);
        try
        {
            // In the order in which Decode reads the answers.
            for (var e = first; e < first + reads.EntitiesPerRead; e++)
            {
                if (reads.Keys[e].IsNone)
                {
                    continue;
                }
                var profile = names[next++] = keys.Name(e, reads.Keys[e]);
                if (IsCounted(reads, e))
                {
                    Append(names[next++] = ProfileKeys.AttemptsOf(profile), entry);
                }
            }
            if (alongside is { } answer)
            {
                names[next] = answer;
            }
            reads.Reads[first] = _database.StringGetAsync(names);
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // The client has just detected a cluster, or the service is stopping.
            reads.Reads[first] = Task.FromException<RedisValue[]>(e);
        }
    }

    private BoundedWait WaitOf(ProfileReads reads) =>
        reads.Wait is { HasExpired: false } wait ? wait : reads.Wait = new BoundedWait(deadlines);

    // On a cluster a group is one entity.
    private RedisBreaker BreakerOf(ProfileReads reads, int first) => breakers.Of(reads.Keys[first].Bucket);

    private void Record(ProfileReads reads, int first, long sentAt)
    {
        if (reads.Reads[first] is var read && read != ProfileReads.Skipped && read != ProfileReads.NothingToRead)
        {
            BreakerOf(reads, first).Record(read, sentAt);
        }
    }

    private void Append(RedisKey attempts, RedisValue entry)
    {
        if (!entry.IsNull)
        {
            // If the entry is refused, as by a full Redis, it is missing in the log that is read next.
            _database.StringAppendAsync(attempts, entry, CommandFlags.FireAndForget);
            _database.KeyExpireAsync(attempts, AttemptsLifetime, CommandFlags.FireAndForget);
        }
    }

    private static RedisValue EntryOf((long TimeMs, ulong Id)? attempt)
    {
        if (attempt is not { } counted)
        {
            return RedisValue.Null;
        }
        var entry = new byte[AttemptHistory.EntryLength];
        AttemptHistory.WriteEntry(entry, counted.TimeMs, counted.Id);
        return entry;
    }

    private bool IsCounted(ProfileReads reads, int entity) => !reads.Keys[entity].IsNone && catalogue.Entities[entity].AttemptCapacity > 0;

    private bool Decode(ProfileReads reads, int first)
    {
        var stored = Succeeded(reads.Reads[first]) ? reads.Reads[first].GetAwaiter().GetResult() : null;
        // The buffers are reused: an abandoned command must not be left in them for the next payment.
        reads.Reads[first] = ProfileReads.NothingToRead;
        var (complete, isRefused, next) = (true, false, 0);
        for (var e = first; e < first + reads.EntitiesPerRead; e++)
        {
            (reads.Profiles[e], reads.AreMissing[e]) = (null, false);
            if (reads.Keys[e].IsNone)
            {
                continue;
            }
            var isRead = stored is not null && Decode(reads, e, (byte[]?)stored[next++]);
            var isCounted = !IsCounted(reads, e) || (stored is not null && ReadAttempts(reads, e, (byte[]?)stored[next++], isRead));
            RemoveErased(reads, e);
            reads.AreMissing[e] = !isRead || !isCounted;
            isRefused |= isRead && !isCounted;
            complete &= isRead && isCounted;
            if (reads.Attempt is not null)
            {
                var outcome = !isRead ? ReadOutcome.Missing
                    : reads.OwnedProfiles[e].NewestMs == long.MinValue ? ReadOutcome.Unknown
                    : ReadOutcome.Found;
                _outcomes[e][(int)outcome].Inc();
            }
        }
        if (isRefused && reads.Attempt is not null)
        {
            ServerMetrics.FeatureReadFailures.WithLabels("not_counted").Inc();
        }
        if (stored is not null && next < stored.Length)
        {
            reads.Answer = (byte[]?)stored[next];
        }
        return complete;
    }

    /// <summary>Reads an entity's log up to this score request, and has it compacted if it is long.</summary>
    /// <returns>False if this request is not in the log, or the log is damaged.</returns>
    private bool ReadAttempts(ProfileReads reads, int entity, byte[]? log, bool isRead)
    {
        var attempts = reads.OwnedProfiles[entity].Attempts;
        if (log is not null && reads.Attempt is not null && attempts.IsCompactionDue(log))
        {
            Compact(ProfileKeys.AttemptsOf(keys.Name(entity, reads.Keys[entity])), log, attempts.Compact(log));
        }
        var counted = reads.Attempt is { } attempt ? AttemptHistory.Until(log, attempt.TimeMs, attempt.Id) : log;
        // Score requests are decoded into the profile, so they are of no use without it.
        return !isRead || ((reads.Attempt is null || !counted.IsEmpty) && attempts.Read(counted, reads.Attempt?.TimeMs ?? long.MaxValue));
    }

    private void Compact(RedisKey attempts, byte[] log, byte[] compacted)
    {
        try
        {
            _database.ScriptEvaluateAsync(CompactAttempts, [attempts], [log, compacted], CommandFlags.FireAndForget);
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // The connection has just been lost. The next request compacts the log.
        }
    }

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
        var reason = task == ProfileReads.Skipped ? "breaker_open" : task.IsFaulted ? "error" : "timeout";
        ServerMetrics.FeatureReadFailures.WithLabels(reason).Inc();
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
