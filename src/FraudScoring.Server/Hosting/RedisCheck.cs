using FraudScoring.Core.Payments;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Checks that Redis never evicts a key, and that its profiles are those of this instance's secret: a profile that was evicted or cannot be
/// found looks like that of an entity without history, and nothing notices.
/// </summary>
internal sealed class RedisCheck(
    RedisConnections redis, DeploymentHost deployments, RedisOptions options, ILogger<RedisCheck> log)
{
    private const string Policy = "maxmemory-policy", Kept = "noeviction";

    /// <summary>
    /// Adds a fault for each primary that evicts keys, and for another secret. Servers that are not connected are checked when they are.
    /// </summary>
    public async Task RunAsync(Faults faults)
    {
        if (options.Configuration.Length == 0)
        {
            // The embedded store sets its own policy.
            return;
        }
        foreach (var server in redis.Writing.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await CheckAsync(server, faults);
        }
        await CheckSecretAsync(faults);
    }

    /// <summary>Checks again whenever a connection is restored, and logs what the start would have refused.</summary>
    public void Watch() => redis.Writing.ConnectionRestored += (_, _) => _ = Task.Run(async () =>
    {
        var faults = new Faults();
        await RunAsync(faults);
        foreach (var fault in faults)
        {
            log.StoreFault(fault.ToString());
        }
    });

    private async Task CheckSecretAsync(Faults faults)
    {
        try
        {
            // Without a catalogue, which is a fault of its own, the names of the markers are not known.
            foreach (var deployment in deployments.IsDeployed && redis.Writing.IsConnected ? deployments.All : [])
            {
                if (await deployment.Secret.CheckAsync() is { } reason)
                {
                    faults.Add($"{RedisOptions.Section}:{nameof(RedisOptions.EntityHashSecret)}", reason);
                    return;
                }
            }
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // The consumers check it before they write.
        }
    }

    private async Task CheckAsync(IServer server, Faults faults)
    {
        var endpoint = EndPointCollection.ToString(server.EndPoint);
        try
        {
            if (await ReadPolicyAsync(server) is not { } policy)
            {
                log.EvictionPolicyUnknown(endpoint, "Neither CONFIG GET nor INFO has it.");
            }
            else if (policy != Kept)
            {
                faults.Add($"{RedisOptions.Section}:{nameof(RedisOptions.Configuration)}",
                    $"{endpoint} evicts keys ({Policy} is {policy}), and with them history: redis-cli CONFIG SET {Policy} {Kept}, "
                    + "and set it in redis.conf or in the settings of the managed service");
            }
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            log.EvictionPolicyUnknown(endpoint, e.Message);
        }
    }

    private static async Task<string?> ReadPolicyAsync(IServer server)
    {
        try
        {
            // Not ConfigGetAsync, which the client allows only on connections that may administer the server.
            if ((RedisValue[]?)await server.ExecuteAsync("CONFIG", "GET", Policy) is [_, var policy])
            {
                return policy;
            }
        }
        catch (RedisServerException)
        {
            // Managed services forbid CONFIG, but let INFO pass.
        }
        var memory = (string?)await server.ExecuteAsync("INFO", "memory") ?? "";
        return memory.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(':', 2))
            .FirstOrDefault(line => line is ["maxmemory_policy", _])?[1];
    }
}
