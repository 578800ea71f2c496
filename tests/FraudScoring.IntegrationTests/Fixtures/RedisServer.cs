using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>What a Redis server saves to its folder and restores after a restart.</summary>
internal enum RedisPersistence
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A snapshot on a clean stop.</summary>
    Snapshot,

    /// <summary>Every write, before it is acknowledged.</summary>
    AppendOnlyFile,
}

/// <summary>
/// A separate redis-server on a free port, with its files in a temporary folder. It runs standalone or as a cluster node.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(20);

    private readonly string _file;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-redis-");
    private readonly RedisPersistence _persistence;
    private readonly bool _isClusterNode;
    private readonly string? _container;

    // Cluster nodes talk to each other on the second port.
    private readonly int _port = Ports.Free(2);
    private ServerProcess? _process;

    private RedisServer(string file, RedisPersistence persistence, bool isClusterNode, string? container = null)
    {
        _file = file;
        _container = container;
        _persistence = persistence;
        _isClusterNode = isClusterNode;
    }

    /// <summary>The configuration string for StackExchange.Redis.</summary>
    public string Configuration => _container ?? $"127.0.0.1:{_port}";

    public int Port => _port;

    /// <summary>The port of the cluster bus.</summary>
    public int BusPort => _port + 1;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>
    /// Starts a server for tests that only read and write. Without redis-server it runs in a container, and without Docker the test is
    /// skipped.
    /// </summary>
    public static async Task<RedisServer> StartSharedAsync() =>
        Programs.FindRedis() is null && await ServerContainers.StartRedisAsync() is { } container
            ? new RedisServer("", RedisPersistence.None, isClusterNode: false, container)
            : await StartNewAsync();

    /// <summary>Starts a server, or skips the test if redis-server is not installed.</summary>
    public static Task<RedisServer> StartNewAsync(RedisPersistence persistence = RedisPersistence.None) =>
        StartNewAsync(persistence, isClusterNode: false);

    /// <summary>Starts a node for a new cluster, or skips the test. The node keeps its place in the cluster over a restart.</summary>
    public static Task<RedisServer> StartNewNodeAsync(RedisPersistence persistence = RedisPersistence.None) =>
        StartNewAsync(persistence, isClusterNode: true);

    private static async Task<RedisServer> StartNewAsync(RedisPersistence persistence, bool isClusterNode)
    {
        var file = Programs.FindRedis() ?? throw MissingServer.Report(
            "redis-server was not found. Install it (package redis-server of Debian), or set REDIS_SERVER to the program. "
            + "With a running Docker engine, the tests that do not restart their Redis use a container.");
        var server = new RedisServer(file, persistence, isClusterNode);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts a stopped or killed server on the same port and folder.</summary>
    public async Task StartAsync()
    {
        _process = ServerProcess.Start(_file, _folder.FullName, Arguments());
        await _process.UntilReadyAsync(AnswersAsync, ReadyLimit);
    }

    /// <summary>Stops the server (SIGTERM), as an operator would.</summary>
    public async Task StopAsync()
    {
        await _process!.StopAsync();
        _process = null;
    }

    /// <summary>Kills the server (SIGKILL), as a crash would.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _process = null;
    }

    /// <summary>Suspends the server (SIGSTOP): connections stay open, and nothing answers.</summary>
    public void Freeze() => _process!.Freeze();

    /// <summary>Resumes a suspended server (SIGCONT).</summary>
    public void Thaw() => _process!.Thaw();

    /// <summary>Stops and restarts the server.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Writes a snapshot that the next start loads, regardless of later writes and of the persistence setting.</summary>
    public async Task SaveSnapshotAsync()
    {
        await using var client = await ConnectAsync();
        await client.GetServer(Configuration).ExecuteAsync("SAVE");
    }

    /// <summary>Makes this server a replica of another one and waits until it is in sync.</summary>
    public async Task FollowAsync(RedisServer primary)
    {
        await using var client = await ConnectAsync();
        var server = client.GetServer(Configuration);
        await server.ExecuteAsync("REPLICAOF", "127.0.0.1", primary.Port);
        await Eventually.IsTrueAsync(async () =>
            (await server.InfoRawAsync("replication"))!.Contains("master_link_status:up", StringComparison.Ordinal));
    }

    /// <summary>Promotes a replica to a primary, as a failover does.</summary>
    public async Task PromoteAsync()
    {
        await using var client = await ConnectAsync();
        await client.GetServer(Configuration).ExecuteAsync("REPLICAOF", "NO", "ONE");
    }

    /// <summary>Removes every key.</summary>
    public async Task FlushAllAsync()
    {
        await using var client = await ConnectAsync();
        await client.GetServer(Configuration).FlushAllDatabasesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process?.Dispose();
        await Task.Run(() => _folder.Delete(recursive: true));
    }

    private List<string> Arguments()
    {
        List<string> arguments = ["--port", $"{_port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--daemonize", "no"];
        arguments.AddRange(_persistence switch
        {
            RedisPersistence.Snapshot => ["--save", "3600 1"],
            RedisPersistence.AppendOnlyFile => ["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
            _ => ["--save", ""],
        });
        if (_isClusterNode)
        {
            arguments.AddRange(["--cluster-enabled", "yes", "--cluster-port", $"{BusPort}", "--cluster-node-timeout", "5000"]);
        }
        return arguments;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var client = await ConnectAsync();
            await client.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    private Task<ConnectionMultiplexer> ConnectAsync() =>
        ConnectionMultiplexer.ConnectAsync($"{Configuration},allowAdmin=true,connectRetry=0,connectTimeout=1000");
}
