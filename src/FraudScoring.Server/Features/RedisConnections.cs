using FraudScoring.Server.Embedded;
using FraudScoring.Server.Monitoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Two connections to Redis, so that a payment's small read never waits behind a consumer's large batch.</summary>
internal sealed class RedisConnections(RedisOptions options, ILogger<RedisConnections> log) : IDisposable
{
    private EmbeddedRedis? _embedded;
    private ConnectionMultiplexer? _reading, _writing;
    private volatile bool _isCluster;

    /// <summary>
    /// True once the keys are known to be spread over nodes: a command may then only name keys of one bucket. A command that was built
    /// for a single server before that was known fails and is built again.
    /// </summary>
    public bool IsCluster => _isCluster;

    /// <summary>True if Redis is reached through a proxy, such as Envoy ("proxy=…" in the configuration).</summary>
    public bool IsProxied { get; private set; }

    /// <summary>The connection for the path of a payment.</summary>
    public IConnectionMultiplexer Reading => _reading ?? throw NotOpen();

    /// <summary>The connection for the consumers.</summary>
    public IConnectionMultiplexer Writing => _writing ?? throw NotOpen();

    /// <summary>The fault of a configuration string; null if it has none.</summary>
    public static string? FindConfigurationFault(string configuration)
    {
        try
        {
            var endpoints = ConfigurationOptions.Parse(configuration).EndPoints;
            return endpoints.Count == 0 ? "names no server; use host:port"
                : configuration.Contains("://", StringComparison.Ordinal)
                    ? "contains a URL scheme; use host:port, with ssl=true for TLS"
                : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return $"is not a configuration string of StackExchange.Redis: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    /// <summary>
    /// Connects to the configured Redis, or starts an embedded one. If a server does not answer, the client reconnects later.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">The embedded server found no free port.</exception>
    public void Open()
    {
        _embedded = options.Configuration.Length == 0 ? EmbeddedRedis.Start(log) : null;
        var configuration = ConfigurationOptions.Parse(_embedded?.Configuration ?? options.Configuration);
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "fraud-scoring";
        // A command that cannot be sent fails immediately: a payment has no time to wait in a queue.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        // The client's own threads are meant for programs that block those of the pool, which this one does not. They cost each reply a
        // switch to a thread of the pool.
        configuration.SocketManager = SocketManager.ThreadPool;
        IsProxied = configuration.Proxy != Proxy.None;
        // A cluster behind a proxy cannot be detected, and the proxy accepts only commands for one node.
        _isCluster = IsProxied;
        _reading = Connect(configuration);
        _writing = Connect(configuration);
        LookForCluster();
        if (!_reading.IsConnected)
        {
            log.RedisUnavailable(string.Join(", ", configuration.EndPoints.Select(EndPointCollection.ToString)));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _reading?.Dispose();
        _writing?.Dispose();
        _embedded?.Dispose();
    }

    private ConnectionMultiplexer Connect(ConfigurationOptions configuration)
    {
        var connection = ConnectionMultiplexer.Connect(configuration);
        connection.ConfigurationChanged += (_, _) => LookForCluster();
        connection.ConnectionRestored += (_, _) => LookForCluster();
        return connection;
    }

    // Only ever sets the flag: calls of several threads may overlap, and a cluster does not become a single server.
    private void LookForCluster()
    {
        // The first connection may raise events before the second exists.
        var servers = new[] { _reading, _writing }.OfType<ConnectionMultiplexer>().SelectMany(connection => connection.GetServers());
        if (servers.Any(server => server.ServerType == ServerType.Cluster))
        {
            _isCluster = true;
        }
    }

    private static InvalidOperationException NotOpen() => new("The connections to Redis are not open yet: the service is starting.");
}
