using FraudScoring.TestKit.Services;
using StackExchange.Redis;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Redis and Kafka: those that the command line names, otherwise new ones with their files in a temporary folder.</summary>
internal sealed class LocalServers : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(20);

    private readonly List<ServerProcess> _started = [];

    private LocalServers(string folder) => Folder = folder;

    public string Folder { get; }

    public string Redis { get; private set; } = "";

    public string Kafka { get; private set; } = "";

    /// <summary>Redis if it is one of the started servers; else null.</summary>
    public ServerProcess? StartedRedis { get; private set; }

    public int? RedisProcess { get; private set; }

    public int? KafkaProcess { get; private set; }

    /// <summary>The servers that neither the command line names nor this machine has, and how to provide them.</summary>
    public static IEnumerable<string> Missing(LoadSettings settings)
    {
        if (settings.Redis.Length == 0 && Programs.FindRedis() is null)
        {
            yield return "redis-server is not on the PATH: install it, or give the address of a Redis with --redis.";
        }
        if (settings.Kafka.Length == 0 && KafkaDistribution.Find() is null)
        {
            yield return "KAFKA_HOME names no Apache Kafka: set it to the folder of one, or give the address of a broker with --kafka.";
        }
    }

    /// <param name="redis">Address of Redis; empty to start one.</param>
    /// <param name="kafka">Address of Kafka; empty to start one.</param>
    /// <param name="processors">Processors of the started servers, as taskset takes them; null for all.</param>
    public static async Task<LocalServers> StartAsync(string redis, string kafka, string? processors)
    {
        var servers = new LocalServers(Directory.CreateTempSubdirectory("loadtest-score-").FullName);
        try
        {
            await servers.StartRedisAsync(redis, processors);
            await servers.StartKafkaAsync(kafka, processors);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether Redis answers.</summary>
    public static async Task<bool> AnswersAsync(string redis)
    {
        try
        {
            await using var client = await ConnectionMultiplexer.ConnectAsync($"{redis},connectRetry=0,connectTimeout=1000");
            await client.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _started)
        {
            server.Dispose();
        }
        await Task.Run(() => Directory.Delete(Folder, recursive: true));
    }

    private async Task StartRedisAsync(string address, string? processors)
    {
        Redis = address;
        if (address.Length == 0)
        {
            var port = Ports.Free();
            Redis = $"127.0.0.1:{port}";
            var server = ServerProcess.Start(
                Programs.FindRedis()!, Folder, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", ""], processors: processors);
            _started.Add(server);
            StartedRedis = server;
            await server.UntilReadyAsync(() => AnswersAsync(Redis), ReadyLimit);
        }
        RedisProcess = ListeningProcess.Find(Redis);
    }

    private async Task StartKafkaAsync(string address, string? processors)
    {
        Kafka = address;
        if (address.Length == 0)
        {
            var port = Ports.Free(2);
            Kafka = $"127.0.0.1:{port}";
            var folder = Directory.CreateDirectory(Path.Combine(Folder, "kafka")).FullName;
            _started.Add(await KafkaDistribution.Find()!.StartAsync(folder, port, [], processors));
        }
        KafkaProcess = ListeningProcess.Find(Kafka);
    }
}
