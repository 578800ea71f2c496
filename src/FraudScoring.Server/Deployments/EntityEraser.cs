using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Features;
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
/// An empty profile replaces the erased one. It keeps the offsets of the records that were applied, so that a rewind does not restore the
/// erased history: deleting the key would also delete the only record of what must not be applied again. The empty profile expires when
/// the full one would have. Each replacement is a compare-and-set that is repeated until it succeeds, since consumers keep writing.
/// </remarks>
internal sealed class EntityEraser(RedisConnections redis, DeploymentHost deployments, TimeProvider time, ILogger<EntityEraser> log)
{
    private static readonly string Erase = RedisScript.Load("erase-profile");

    private const int PageSize = 1000;
    private readonly IDatabase _database = redis.Writing.GetDatabase();

    /// <summary>Erases the profiles and returns a receipt.</summary>
    /// <exception cref="RedisException">Nothing, or not everything, was erased; retry the call.</exception>
    /// <exception cref="NotSupportedException">Nothing was erased: keys cannot be listed through a proxy.</exception>
    public async Task<EraseEntitiesResponse> EraseAsync(EntityTokens tokens, CancellationToken cancellationToken)
    {
        var servers = await ServersAsync(tokens);
        var receipt = new EraseEntitiesResponse
        {
            ReceiptId = Guid.NewGuid().ToString("N"), ErasedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
        };
        foreach (var deployment in deployments.All)
        {
            foreach (var entity in deployment.Catalogue.Entities.Where(entity => entity.Fields[0].TextOf(tokens) is not null))
            {
                var profiles = await EraseAsync(servers, deployment, entity, tokens, cancellationToken);
                receipt.Erased.Add(
                    new ErasedEntities { Entity = entity.Name, Layout = deployment.Catalogue.LayoutHash, Profiles = profiles });
            }
            receipt.Remarks.AddRange(deployment.Catalogue.Entities
                .Where(entity => entity.Fields[0].TextOf(tokens) is null
                    && entity.Fields.Skip(1).Any(field => field.TextOf(tokens) is not null))
                .Select(entity => $"{entity.Name} holds profiles by {entity.Fields[0].Name}; send that token to erase them."));
        }
        deployments.Current.Keys.Forget();
        receipt.Remarks.Add("Records in Kafka are not erased; they expire with the topics' retention. If Redis loses its data before that, "
            + "the profiles are rebuilt from those records: erase them again then.");
        log.EntitiesErased(receipt.Erased.Sum(erased => erased.Profiles), receipt.ReceiptId);
        return receipt;
    }

    private async Task<int> EraseAsync(
        List<IServer> servers, Deployment deployment, EntityPlan entity, EntityTokens tokens, CancellationToken cancellationToken)
    {
        if (entity.Fields.Count == 1)
        {
            var name = deployment.Keys.Name(entity.Index, deployment.Keys.HashEntity(entity.Index, tokens));
            return await EraseAsync(deployment, entity, name, cancellationToken) ? 1 : 0;
        }
        // Profiles of a pair, such as card and merchant, share the first half of their key with the first field alone. Only a scan of the
        // whole key space finds them: an index of the pairs would cost every payment a write, for a call that is rare.
        var erased = 0;
        var pattern = deployment.Keys.PatternOfFirstField(entity.Index, deployment.Keys.HashFirstField(entity.Index, tokens));
        foreach (var server in servers)
        {
            await foreach (var key in server.KeysAsync(pattern: pattern, pageSize: PageSize).WithCancellation(cancellationToken))
            {
                erased += await EraseAsync(deployment, entity, key, cancellationToken) ? 1 : 0;
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

    private async Task<bool> EraseAsync(Deployment deployment, EntityPlan entity, RedisKey key, CancellationToken cancellationToken)
    {
        var profile = new EntityProfile(entity);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stored = (byte[]?)await _database.StringGetAsync(key);
            if (stored is null || (ProfileCodec.Read(stored, profile) == ProfileFault.None
                && profile.Recent.Length == 0 && profile.NewestMs == long.MinValue && profile.Labels.Recent.Count == 0))
            {
                await _database.KeyDeleteAsync(ProfileKeys.AttemptsOf(key));
                return false;
            }
            var applied = profile.Applied.Items.ToArray();
            var revision = profile.Revision;
            profile.Clear();
            profile.Revision = revision + 1;
            Array.ForEach(applied, item => profile.Applied.Advance(item.Source, item.Offset));
            await AdvanceToMarkerAsync(deployment, key, profile);
            var empty = ProfileCodec.Write(profile, new ProfileWriter()).ToArray();
            var answer = await _database.ScriptEvaluateAsync(
                Erase, [key, ProfileKeys.AttemptsOf(key), deployment.Keys.Version(ProfileKeys.BucketOf(key))],
                [stored.AsMemory(0, Math.Min(8, stored.Length)), empty, BucketWrite.NewVersion()]);
            if ((int)answer == 1)
            {
                return true;
            }
        }
    }

    // Records before the marker were applied to the bucket, or did not concern this entity. Without the marker's offsets, records of
    // partitions that the profile has never seen would be applied again by a rewind.
    private async Task AdvanceToMarkerAsync(Deployment deployment, RedisKey key, EntityProfile profile)
    {
        foreach (var entry in await _database.HashGetAllAsync(deployment.Keys.Marker(ProfileKeys.BucketOf(key))))
        {
            var (source, next) = (int.Parse((string)entry.Name!, CultureInfo.InvariantCulture), (long)entry.Value);
            if (next - 1 > profile.Applied.LastOf(source))
            {
                profile.Applied.Advance(source, next - 1);
            }
        }
    }
}
