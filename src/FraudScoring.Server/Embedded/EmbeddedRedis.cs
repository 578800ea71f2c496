using System.Net;
using System.Net.Sockets;
using FraudScoring.Server.Monitoring;
using Garnet;
using Garnet.server;

namespace FraudScoring.Server.Embedded;

/// <summary>
/// A Redis-compatible server inside this process (Garnet), used when Redis:Configuration is empty. Its memory is bounded: when it is full,
/// the oldest values are evicted. Nothing is persisted.
/// </summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private const string MemoryLimit = "256m";
    private const string IndexLimit = "32m";
    private const int Attempts = 10;

    private readonly GarnetServer _server;
    private readonly string _folder;
    private readonly ILogger _log;
    private bool _disposed;

    private EmbeddedRedis(GarnetServer server, string configuration, string folder, ILogger log)
    {
        _server = server;
        Configuration = configuration;
        _folder = folder;
        _log = log;
    }

    /// <summary>Configuration string for StackExchange.Redis.</summary>
    public string Configuration { get; }

    /// <summary>Starts a server on a free port of the loopback interface.</summary>
    /// <exception cref="SocketException">No port could be bound.</exception>
    public static EmbeddedRedis Start(ILogger log)
    {
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-redis-").FullName;
        for (var attempt = 1; ; attempt++)
        {
            var endpoint = FreeEndpoint();
            var server = new GarnetServer(Options(endpoint, folder));
            try
            {
                server.Start();
                log.EmbeddedRedisStarted(endpoint.ToString(), MemoryLimit);
                return new EmbeddedRedis(server, endpoint.ToString(), folder, log);
            }
            catch (SocketException) when (attempt < Attempts)
            {
                // Another process took the port after FreeEndpoint released it.
                server.Dispose();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _server.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException e)
        {
            _log.EmbeddedFolderLeft(_folder, e.Message);
        }
    }

    private static GarnetServerOptions Options(IPEndPoint endpoint, string folder) => new()
    {
        EndPoints = [endpoint],
        EnableLua = true,
        // Makes scripts atomic. Otherwise their commands interleave with those of other connections, and a compare-and-set loses updates.
        LuaTransactionMode = true,
        LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Disable, []),
        LogMemorySize = MemoryLimit,
        IndexMemorySize = IndexLimit,
        // Memory only: when it is full, the oldest values are evicted.
        EnableStorageTier = false,
        EnableAOF = false,
        Recover = false,
        CheckpointDir = folder,
        QuietMode = true,
    };

    private static IPEndPoint FreeEndpoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
