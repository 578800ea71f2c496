using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// A separate Apache Kafka broker (KRaft, one node) on free ports, with its files in a temporary folder. It runs the distribution in
/// KAFKA_HOME, version 3.7 or later.
/// </summary>
internal sealed class KafkaBroker : IAsyncDisposable
{
    private readonly KafkaDistribution? _distribution;
    private readonly string? _container;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-kafka-");
    private readonly int _port = Ports.Free(2);
    private ServerProcess? _process;
    private IReadOnlyList<string> _settings = [];

    private KafkaBroker(KafkaDistribution? distribution, string? container = null) =>
        (_distribution, _container) = (distribution, container);

    public string BootstrapServers => _container ?? $"127.0.0.1:{_port}";

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>
    /// Starts a broker for tests that only read and write. Without KAFKA_HOME it runs in a container, and without Docker the test is
    /// skipped.
    /// </summary>
    public static async Task<KafkaBroker> StartSharedAsync() =>
        KafkaDistribution.Find() is null && await ServerContainers.StartKafkaAsync() is { } container
            ? new KafkaBroker(null, container) : await StartNewAsync();

    /// <summary>Starts a broker, or skips the test if no distribution is configured.</summary>
    /// <param name="home">Folder of the distribution. Null uses KAFKA_HOME.</param>
    /// <param name="settings">Settings of the broker that differ from the usual ones, such as "auto.create.topics.enable=false".</param>
    public static async Task<KafkaBroker> StartNewAsync(string? home = null, params string[] settings)
    {
        var distribution = KafkaDistribution.Find(home) ?? throw MissingServer.Report(
            "No Apache Kafka was found. Unpack a distribution (3.7 or later; it needs Java) and set KAFKA_HOME to its folder. "
            + "With a running Docker engine, the tests that do not restart their broker use a container.");
        var broker = new KafkaBroker(distribution) { _settings = settings };
        try
        {
            await broker.StartAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts a stopped or killed broker on the same ports and folder.</summary>
    public async Task StartAsync() => _process = await _distribution!.StartAsync(_folder.FullName, _port, _settings);

    /// <summary>Stops the broker (SIGTERM), as an operator would.</summary>
    public async Task StopAsync()
    {
        await _process!.StopAsync();
        _process = null;
    }

    /// <summary>Kills the broker (SIGKILL), as a crash would.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _process = null;
    }

    /// <summary>Suspends the broker (SIGSTOP): connections stay open, and nothing answers.</summary>
    public void Freeze() => _process!.Freeze();

    /// <summary>Resumes a suspended broker (SIGCONT).</summary>
    public void Thaw() => _process!.Thaw();

    /// <summary>Resumes the broker if it is suspended, and starts it if it does not run.</summary>
    public Task ReviveAsync()
    {
        if (!IsRunning)
        {
            return StartAsync();
        }
        Thaw();
        return Task.CompletedTask;
    }

    /// <summary>Stops and restarts the broker.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Creates a topic and waits until the broker serves it.</summary>
    public async Task CreateTopicAsync(string name, int partitions, Dictionary<string, string>? configuration = null)
    {
        using var client = Client();
        await client.CreateTopicsAsync(
            [new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = configuration }]);
        await Eventually.IsTrueAsync(() => Task.Run(() => HasLeaders(client, name, partitions)));
    }

    public async ValueTask DisposeAsync()
    {
        _process?.Dispose();
        await Task.Run(() => _folder.Delete(recursive: true));
    }

    private static bool HasLeaders(IAdminClient client, string name, int partitions)
    {
        try
        {
            var topic = client.GetMetadata(name, TimeSpan.FromSeconds(5)).Topics[0];
            return !topic.Error.IsError
                && topic.Partitions.Count == partitions
                && topic.Partitions.TrueForAll(partition => partition.Leader >= 0);
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private IAdminClient Client() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler((_, _) => { }).Build();
}
