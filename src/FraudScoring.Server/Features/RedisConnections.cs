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
    /// The keys are spread over nodes, as far as known: a command can only have those of one bucket. A command that was made for a single
    /// server before it was known is refused, and made anew.
    /// </summary>
    public bool IsCluster => _isCluster;

    /// <summary>A proxy stands before Redis, such as Envoy ("proxy=…" in its configuration).</summary>
    public bool IsProxied { get; private set; }

    /// <summary>For the path of a payment.</summary>
    public IConnectionMultiplexer Reading => _reading ?? throw NotOpen();

    /// <summary>For the consumers.</summary>
    public IConnectionMultiplexer Writing => _writing ?? throw NotOpen();

    /// <summary>What is wrong with a configuration string; null when nothing is.</summary>
    public static string? FindConfigurationFault(string configuration)
    {
        try
        {
            var endpoints = ConfigurationOptions.Parse(configuration).EndPoints;
            return endpoints.Count == 0 ? "names no server; give host:port"
                : configuration.Contains("://", StringComparison.Ordinal) ? "names a server with a scheme; give host:port, and ssl=true for TLS"
                : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return $"is not a configuration string of StackExchange.Redis: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    /// <summary>Connects to the configured Redis, or starts an embedded one. A server that does not answer is tried again in the background.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The embedded server found no free port.</exception>
    public void Open()
    {
        _embedded = options.Configuration.Length == 0 ? EmbeddedRedis.Start(log) : null;
        var configuration = ConfigurationOptions.Parse(_embedded?.Configuration ?? options.Configuration);
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "fraud-scoring";
        // A command that cannot be sent now fails immediately: a payment has no time to queue.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        IsProxied = configuration.Proxy != Proxy.None;
        // Behind a proxy a cluster cannot be seen, and the proxy takes commands of one node only.
        _isCluster = IsProxied;
        _reading = Connect(configuration);
        _writing = Connect(configuration);
        LookForCluster();
        if (!_reading.IsConnected)
        {
            log.RedisAway(string.Join(", ", configuration.EndPoints.Select(EndPointCollection.ToString)));
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

    /// <summary>What is a cluster stays one: looks of several threads may overlap.</summary>
    private void LookForCluster()
    {
        // The first connection may report before the second is made.
        var servers = new[] { _reading, _writing }.OfType<ConnectionMultiplexer>().SelectMany(connection => connection.GetServers());
        if (servers.Any(server => server.ServerType == ServerType.Cluster))
        {
            _isCluster = true;
        }
    }

    private static InvalidOperationException NotOpen() => new("The connections to Redis are not open yet: the service is starting.");
}
