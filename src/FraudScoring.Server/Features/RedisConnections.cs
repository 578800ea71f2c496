using FraudScoring.Server.Embedded;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Two connections to Redis, so that a payment's small read never waits behind a consumer's large batch.</summary>
internal sealed class RedisConnections : IDisposable
{
    private readonly EmbeddedRedis? _embedded;
    private volatile bool _isCluster;

    private RedisConnections(EmbeddedRedis? embedded, ConfigurationOptions configuration)
    {
        _embedded = embedded;
        IsProxied = configuration.Proxy != Proxy.None;
        // Behind a proxy a cluster cannot be seen, and the proxy takes commands of one node only.
        _isCluster = IsProxied;
        Reading = ConnectionMultiplexer.Connect(configuration);
        Writing = ConnectionMultiplexer.Connect(configuration);
        foreach (var connection in new[] { Reading, Writing })
        {
            connection.ConfigurationChanged += (_, _) => LookForCluster();
            connection.ConnectionRestored += (_, _) => LookForCluster();
        }
        LookForCluster();
    }

    /// <summary>
    /// The keys are spread over nodes, as far as known: a command can only have those of one bucket. A command that was made for a single
    /// server before it was known is refused, and made anew.
    /// </summary>
    public bool IsCluster => _isCluster;

    /// <summary>A proxy stands before Redis, such as Envoy ("proxy=…" in its configuration).</summary>
    public bool IsProxied { get; }

    /// <summary>For the path of a payment.</summary>
    public IConnectionMultiplexer Reading { get; }

    /// <summary>For the consumers.</summary>
    public IConnectionMultiplexer Writing { get; }

    /// <summary>Connects to the configured Redis, or starts an embedded one. A server that does not answer is tried again in the background.</summary>
    public static RedisConnections Open(RedisOptions options, ILogger log)
    {
        var embedded = options.Configuration.Length == 0 ? EmbeddedRedis.Start(log) : null;
        var configuration = ConfigurationOptions.Parse(embedded?.Configuration ?? options.Configuration);
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "fraud-scoring";
        // A command that cannot be sent now is answered at once by an error: a payment has no time to queue.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        return new RedisConnections(embedded, configuration);
    }

    /// <summary>What is a cluster stays one: looks of several threads may overlap.</summary>
    private void LookForCluster()
    {
        if (Reading.GetServers().Concat(Writing.GetServers()).Any(server => server.ServerType == ServerType.Cluster))
        {
            _isCluster = true;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Reading.Dispose();
        Writing.Dispose();
        _embedded?.Dispose();
    }
}
