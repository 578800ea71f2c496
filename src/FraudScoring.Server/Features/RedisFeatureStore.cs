using System.Runtime.CompilerServices;
using FraudScoring.Core.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Reads the profiles of a payment's entities: one pipelined round trip, whatever their number.</summary>
internal sealed class RedisFeatureStore(RedisConnections redis, ProfileKeys keys, TimeProvider time, ILogger<RedisFeatureStore> log)
{
    private readonly IDatabase _database = redis.Reading.GetDatabase();

    /// <summary>Reads into the context's profiles. What could not be read stays null, which is a missing value to every feature of it.</summary>
    /// <returns>True when everything was read.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(ScoringContext context, TimeSpan limit)
    {
        var entities = context.Keys.Length;
        keys.Of(context.Payment, context.Keys);
        if (!redis.Reading.IsConnected)
        {
            context.Profiles.AsSpan().Clear();
            ServerMetrics.FeatureReadFailures.WithLabels("not_connected").Inc();
            return false;
        }
        for (var e = 0; e < entities; e++)
        {
            context.Reads[e] = context.Keys[e].IsNone ? ScoringContext.NothingToRead : _database.StringGetLeaseAsync(keys.Name(e, context.Keys[e]));
        }
        // Replies come in the order of the commands, so the wait is for the last one, and mostly for no other: one continuation and one
        // timer, whatever the number. A task that outlives the limit is not waited for: it ends in its own time, and its lease with it.
        var start = time.GetTimestamp();
        for (var e = entities - 1; e >= 0; e--)
        {
            if (!context.Reads[e].IsCompleted && limit - time.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                await ((Task)context.Reads[e]).WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return Decode(context);
    }

    private bool Decode(ScoringContext context)
    {
        var complete = true;
        for (var e = 0; e < context.Reads.Length; e++)
        {
            var read = context.Reads[e];
            context.Profiles[e] = null;
            context.Reads[e] = ScoringContext.NothingToRead;
            if (context.Keys[e].IsNone)
            {
                continue;
            }
            if (!read.IsCompletedSuccessfully)
            {
                // Observed, so that a failure after the limit is not reported as nobody's.
                _ = read.Exception;
                ServerMetrics.FeatureReadFailures.WithLabels(read.IsFaulted ? "error" : "timeout").Inc();
                complete = false;
                continue;
            }
            complete &= Decode(context, e, read.GetAwaiter().GetResult());
        }
        return complete;
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
            ServerMetrics.ProfileFaults.WithLabels(fault == ProfileFault.Corrupt ? "corrupt" : "newer_version").Inc();
            log.ProfileRefused(profile.Plan.Name, fault);
            return false;
        }
    }
}
