using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using StackExchange.Redis;
using EntityTokens = FraudScoring.Core.Payments.EntityTokens;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Erases the profiles of a person's entities: every profile whose first field is one of the tokens, under every catalogue in use.
/// </summary>
/// <remarks>
/// The erasure is written to the topic of erasures first. From then on, payments up to its time do not count, whoever reads them: neither
/// when Redis has lost its data, nor when a profile is repaired or another catalogue is built. Profiles that this instance does not know,
/// and those that come back with a snapshot of Redis, are cleared by whoever reads them.
/// <para>
/// A profile without the erased history replaces the erased one. It keeps the offsets of the records that were applied, so that a rewind
/// does not restore that history: deleting the key would also delete the only record of what must not be applied again. It also keeps the
/// payments after the erasure that came before it was emptied, as a rebuild would; a scan for pairs may take minutes. It expires when
/// the full one would have. Each replacement is a compare-and-set that is repeated until it succeeds, since consumers keep writing.
/// </para>
/// </remarks>
internal sealed class EntityEraser(
    RedisConnections redis, DeploymentHost deployments, ErasureTopic topic, Erasures erasures, TimeProvider time, ILogger<EntityEraser> log)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan InFlightLimit = TimeSpan.FromSeconds(2);
    private static readonly string Erase = RedisScript.Load("erase-profile");
    private static readonly PaymentField[] Fields = [.. PaymentField.OfLabels];

    private readonly IDatabase _database = redis.Writing.GetDatabase();

    /// <summary>Erases the profiles and returns a receipt.</summary>
    /// <exception cref="RedisException">Nothing, or not everything, was erased; retry the call.</exception>
    /// <exception cref="Confluent.Kafka.KafkaException">
    /// Brokers did not take the erasure, so no profile was erased; retry the call.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// Nothing was erased: keys cannot be listed through a proxy, or the profiles are those of another secret.
    /// </exception>
    public async Task<EraseEntitiesResponse> EraseAsync(EntityTokens tokens, CancellationToken cancellationToken)
    {
        if (deployments.All.Any(deployment => deployment.Secret.IsOther))
        {
            throw new NotSupportedException("Nothing was erased: the profiles in Redis were written with another Redis:EntityHashSecret. "
                + "Call an instance that has that secret.");
        }
        var servers = await ServersAsync(tokens);
        // Brokers may take seconds to answer, or to create the topic.
        await topic.EnsureAsync();
        var receipt = new EraseEntitiesResponse
        {
            // Not when the call began: what the profiles receive while instances learn of the erasure is erased, too.
            ReceiptId = Guid.NewGuid().ToString("N"), ErasedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow() + InFlightLimit),
        };
        var erasure = new Erasure(servers, tokens, receipt.ErasedAt.ToDateTimeOffset().ToUnixTimeMilliseconds());
        await PublishAsync(receipt, erasure, cancellationToken);
        // Until every instance knows the erasure, and has written what it had read before.
        await Task.Delay(InFlightLimit, time, cancellationToken);
        var moved = await ErasePreviousAsync(erasure, cancellationToken);
        foreach (var deployment in deployments.All)
        {
            foreach (var entity in deployment.Catalogue.Entities.Where(entity => entity.Fields[0].TextOf(tokens) is not null))
            {
                var profiles = await EraseAsync(erasure, deployment.Keys, entity, cancellationToken);
                receipt.Erased.Add(
                    new ErasedEntities
                    {
                        Entity = entity.Name, Layout = deployment.Catalogue.LayoutHash,
                        Profiles = profiles + moved.GetValueOrDefault((deployment, entity)),
                    });
            }
            receipt.Remarks.AddRange(deployment.Catalogue.Entities
                .Where(entity => entity.Fields[0].TextOf(tokens) is null
                    && entity.Fields.Skip(1).Any(field => field.TextOf(tokens) is not null))
                .Select(entity => $"{entity.Name} holds profiles by {entity.Fields[0].Name}; send that token to erase them."));
        }
        deployments.Current.Keys.Forget();
        receipt.Remarks.Add("Records in Kafka are not erased; they expire with the topics' retention, and no longer count.");
        log.EntitiesErased(receipt.Erased.Sum(erased => erased.Profiles), receipt.ReceiptId);
        return receipt;
    }

    /// <summary>Writes the erasure of each token to Kafka.</summary>
    private async Task PublishAsync(EraseEntitiesResponse receipt, Erasure erasure, CancellationToken cancellationToken)
    {
        foreach (var field in Fields.Where(field => field.TextOf(erasure.Tokens) is not null))
        {
            var hashes = deployments.All.SelectMany(deployment => deployment.Keys.HashErased(field, erasure.Tokens)).Distinct().ToList();
            var record = new ErasureEvent { Field = field.Name, ErasedUntil = receipt.ErasedAt, ReceiptId = receipt.ReceiptId };
            record.Hashes.Add(hashes);
            await topic.PublishAsync(record, cancellationToken);
            erasures.Add(hashes, erasure.UntilMs);
        }
    }

    /// <summary>
    /// While the secret is rotated: erases the profiles that are only found under the previous one. Then waits until no consumer can still
    /// be moving a profile that it read before.
    /// </summary>
    private async Task<Dictionary<(Deployment, EntityPlan), int>> ErasePreviousAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        var erased = new Dictionary<(Deployment, EntityPlan), int>();
        foreach (var deployment in deployments.All)
        {
            foreach (var entity in deployment.Catalogue.Entities.Where(entity => entity.Fields[0].TextOf(erasure.Tokens) is not null))
            {
                if (deployment.Keys.Previous is { } previous)
                {
                    erased[(deployment, entity)] = await EraseAsync(erasure, previous, entity, cancellationToken);
                }
            }
        }
        if (erased.Values.Sum() > 0)
        {
            await Task.Delay(InFlightLimit, time, cancellationToken);
        }
        return erased;
    }

    private async Task<int> EraseAsync(Erasure erasure, ProfileKeys keys, EntityPlan entity, CancellationToken cancellationToken)
    {
        if (entity.Fields.Count == 1)
        {
            var name = keys.Name(entity.Index, keys.HashEntity(entity.Index, erasure.Tokens));
            return await EraseAsync(erasure, keys, entity, name, cancellationToken) ? 1 : 0;
        }
        // Profiles of a pair, such as card and merchant, share the first half of their key with the first field alone. Only a scan of the
        // whole key space finds them: an index of the pairs would cost every payment a write, for a call that is rare.
        var erased = 0;
        var pattern = keys.PatternOfFirstField(entity.Index, keys.HashFirstField(entity.Index, erasure.Tokens));
        foreach (var server in erasure.Servers)
        {
            await foreach (var key in server.KeysAsync(pattern: pattern, pageSize: PageSize).WithCancellation(cancellationToken))
            {
                erased += await EraseAsync(erasure, keys, entity, key, cancellationToken) ? 1 : 0;
            }
        }
        return erased;
    }

    /// <summary>
    /// All servers that may hold keys of these tokens, asked before anything is erased: while a server that owns a bucket is unreachable,
    /// the call fails instead of issuing a receipt for a part. Connected servers that own no bucket are included, because two nodes have
    /// the keys of a bucket while a cluster moves it.
    /// </summary>
    private async Task<List<IServer>> ServersAsync(EntityTokens tokens)
    {
        var entities = deployments.All.SelectMany(deployment => deployment.Catalogue.Entities);
        if (redis.IsProxied && entities.Any(entity => entity.Fields.Count > 1 && entity.Fields[0].TextOf(tokens) is not null))
        {
            throw new NotSupportedException("Nothing was erased: a proxy cannot list keys, which is how pairs of these entities are found. "
                + "Call an instance whose Redis:Configuration names the Redis nodes themselves, without a proxy.");
        }
        var keys = deployments.Current.Keys;
        try
        {
            var owners = await Task.WhenAll(Enumerable.Range(0, EntityKey.Buckets)
                .Select(bucket => _database.IdentifyEndpointAsync(keys.Marker(bucket), CommandFlags.DemandMaster)));
            return [.. redis.Writing.GetServers()
                .Where(server => !server.IsReplica && (server.IsConnected || owners.Contains(server.EndPoint)))];
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            var unreachable = redis.Writing.GetServers().Where(server => !server.IsConnected).Select(server => server.EndPoint.ToString());
            var names = string.Join(", ", unreachable.DefaultIfEmpty(e.Message));
            throw new RedisException($"nothing was erased, because these Redis nodes are unreachable: {names}", e);
        }
    }

    private async Task<bool> EraseAsync(
        Erasure erasure, ProfileKeys keys, EntityPlan entity, RedisKey key, CancellationToken cancellationToken)
    {
        var profile = new EntityProfile(entity);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stored = (byte[]?)await _database.StringGetAsync(key);
            if (stored is null || (ProfileCodec.Read(stored, profile) == ProfileFault.None
                && profile.FirstMs > erasure.UntilMs && profile.Labels.Recent.Count == 0))
            {
                await _database.KeyDeleteAsync(ProfileKeys.AttemptsOf(key));
                return false;
            }
            profile.ClearUntil(erasure.UntilMs);
            profile.Revision = BucketWrite.NewRevision();
            await AdvanceToMarkerAsync(keys, key, profile);
            var emptied = ProfileCodec.Write(profile, new ProfileWriter()).ToArray();
            var answer = await _database.ScriptEvaluateAsync(
                Erase, [key, ProfileKeys.AttemptsOf(key), keys.Version(ProfileKeys.BucketOf(key))],
                [stored.AsMemory(0, Math.Min(8, stored.Length)), emptied, BucketWrite.NewVersion()]);
            if ((int)answer == 1)
            {
                return true;
            }
        }
    }

    // Records before the marker were applied to the bucket, or did not concern this entity. Without the marker's offsets, records of
    // partitions that the profile has never seen would be applied again by a rewind.
    private async Task AdvanceToMarkerAsync(ProfileKeys keys, RedisKey key, EntityProfile profile)
    {
        var marker = await _database.HashGetAllAsync(keys.Marker(ProfileKeys.BucketOf(key)));
        foreach (var (source, next) in MarkerFields.Offsets(marker))
        {
            if (next - 1 > profile.Applied.LastOf(source))
            {
                profile.Applied.Advance(source, next - 1);
            }
        }
    }

    /// <param name="Servers">The servers that may hold keys of the tokens.</param>
    /// <param name="Tokens">What is erased.</param>
    /// <param name="UntilMs">Event time of the last payment that is, milliseconds since the Unix epoch.</param>
    private sealed record Erasure(List<IServer> Servers, EntityTokens Tokens, long UntilMs);
}
