using System.Globalization;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// Redis nodes in cluster mode, each with its share of the hash slots and without replicas. Over a restart they keep their place in the
/// cluster, and the data they are configured to keep.
/// </summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private const int KeysPerBatch = 100;

    private readonly List<RedisServer> _nodes = [];

    private RedisCluster()
    {
    }

    /// <summary>The configuration string for StackExchange.Redis.</summary>
    public string Configuration => string.Join(',', _nodes.Select(node => node.Configuration));

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>
    /// Starts a cluster of three nodes that lose their data on a restart, or skips the test if redis-server is not installed.
    /// </summary>
    public static Task<RedisCluster> StartNewAsync() => StartNewAsync(3, RedisPersistence.None);

    /// <summary>Starts a cluster with this number of nodes and this persistence, or skips the test.</summary>
    public static async Task<RedisCluster> StartNewAsync(int nodes, RedisPersistence persistence)
    {
        var cluster = new RedisCluster();
        try
        {
            for (var n = 0; n < nodes; n++)
            {
                cluster._nodes.Add(await RedisServer.StartNewNodeAsync(persistence));
            }
            await cluster.FormAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The hash slots of a node that belong to buckets of the service's keys, in order.</summary>
    public async Task<IReadOnlyList<int>> BucketSlotsAsync(int node)
    {
        await using var client = await ConnectAsync();
        var own = (await client.GetServer(_nodes[node].Configuration).ClusterNodesAsync())!.Nodes.Single(n => n.IsMyself).Slots;
        return [.. Enumerable.Range(0, EntityKey.Buckets).Select(bucket => client.HashSlot($"{{{bucket}}}"))
            .Where(slot => own.Any(range => slot >= range.From && slot <= range.To)).Order()];
    }

    /// <summary>Moves hash slots with their keys to another node, as an operator does while clients read and write.</summary>
    public async Task ReshardAsync(int from, int to, IEnumerable<int> slots)
    {
        await using var client = await ConnectAsync();
        var servers = _nodes.ConvertAll(node => client.GetServer(node.Configuration));
        var (source, target) = (servers[from], servers[to]);
        var (sourceId, targetId) = ((string)(await ClusterAsync(source, "MYID"))!, (string)(await ClusterAsync(target, "MYID"))!);
        foreach (var slot in slots)
        {
            await ClusterAsync(target, "SETSLOT", slot, "IMPORTING", sourceId);
            await ClusterAsync(source, "SETSLOT", slot, "MIGRATING", targetId);
            while ((RedisKey[]?)await ClusterAsync(source, "GETKEYSINSLOT", slot, KeysPerBatch) is { Length: > 0 } keys)
            {
                object[] move = ["127.0.0.1", _nodes[to].Port, "", 0, 10_000, "KEYS", .. keys.Select(key => (object)key)];
                await source.ExecuteAsync("MIGRATE", move, CommandFlags.None);
            }
            // The new owner is informed first, so the hash slot always has an owner.
            foreach (var server in new[] { target, source }.Concat(servers.Except([target, source])))
            {
                await ClusterAsync(server, "SETSLOT", slot, "NODE", targetId);
            }
        }
    }

    /// <summary>Kills and restarts a node without persistence. It keeps its hash slots but loses its keys.</summary>
    public async Task RestartEmptyAsync(int node)
    {
        await _nodes[node].KillAsync();
        await StartAgainAsync(_nodes[node]);
    }

    /// <summary>Restarts a stopped node and waits until all nodes see it.</summary>
    public async Task StartAgainAsync(RedisServer node)
    {
        await node.StartAsync();
        await UntilFormedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task FormAsync()
    {
        for (var n = 0; n < _nodes.Count; n++)
        {
            await using var client = await ConnectionMultiplexer.ConnectAsync(_nodes[n].Configuration);
            var server = client.GetServer(_nodes[n].Configuration);
            await ClusterAsync(server, "ADDSLOTSRANGE", Slots * n / _nodes.Count, (Slots * (n + 1) / _nodes.Count) - 1);
            // With distinct epochs from the start, the nodes agree on the slot owners sooner.
            await ClusterAsync(server, "SET-CONFIG-EPOCH", n + 1);
            if (n > 0)
            {
                await ClusterAsync(server, "MEET", "127.0.0.1", _nodes[0].Port, _nodes[0].BusPort);
            }
        }
        await UntilFormedAsync();
    }

    private Task UntilFormedAsync() => Eventually.IsTrueAsync(async () =>
    {
        foreach (var node in _nodes)
        {
            await using var client = await ConnectionMultiplexer.ConnectAsync(node.Configuration);
            var info = (string)(await ClusterAsync(client.GetServer(node.Configuration), "INFO"))!;
            if (!info.Contains("cluster_state:ok", StringComparison.Ordinal)
                || !info.Contains(string.Create(CultureInfo.InvariantCulture, $"cluster_size:{_nodes.Count}"), StringComparison.Ordinal))
            {
                return false;
            }
        }
        return true;
    });

    private Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(Configuration + ",allowAdmin=true");

    private static Task<RedisResult> ClusterAsync(IServer server, params object[] arguments) => server.ExecuteAsync("CLUSTER", arguments);
}
