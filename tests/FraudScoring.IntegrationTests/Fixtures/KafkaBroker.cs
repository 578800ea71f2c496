using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// A separate Apache Kafka broker (KRaft, one node) on free ports, with its files in a temporary folder. It runs the distribution in
/// KAFKA_HOME, version 3.7 or later.
/// </summary>
internal sealed class KafkaBroker : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FormatLimit = TimeSpan.FromSeconds(60);

    private readonly string _home;
    private readonly string? _container;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-kafka-");
    private readonly int _port = Ports.Free(2);
    private ServerProcess? _process;
    private IReadOnlyList<string> _settings = [];

    private KafkaBroker(string home, string? container = null) => (_home, _container) = (home, container);

    public string BootstrapServers => _container ?? $"127.0.0.1:{_port}";

    public bool IsRunning => _process is { HasExited: false };

    private string LogFolder => Path.Combine(_folder.FullName, "log");

    private static string? InstalledHome => Installed(Environment.GetEnvironmentVariable("KAFKA_HOME"));

    /// <summary>
    /// Starts a broker for tests that only read and write. Without KAFKA_HOME it runs in a container, and without Docker the test is
    /// skipped.
    /// </summary>
    public static async Task<KafkaBroker> StartSharedAsync() =>
        InstalledHome is null && await ServerContainers.StartKafkaAsync() is { } container
            ? new KafkaBroker("", container) : await StartNewAsync();

    /// <summary>Starts a broker, or skips the test if no distribution is configured.</summary>
    /// <param name="home">Folder of the distribution. Null uses KAFKA_HOME.</param>
    /// <param name="settings">Settings of the broker that differ from the usual ones, such as "auto.create.topics.enable=false".</param>
    public static async Task<KafkaBroker> StartNewAsync(string? home = null, params string[] settings)
    {
        home = (home is null ? InstalledHome : Installed(home)) ?? throw MissingServer.Report(
            "No Apache Kafka was found. Unpack a distribution (3.7 or later; it needs Java) and set KAFKA_HOME to its folder. "
            + "With a running Docker engine, the tests that do not restart their broker use a container.");
        var broker = new KafkaBroker(home) { _settings = settings };
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
    public async Task StartAsync()
    {
        var (script, settings) = (Program("start-broker.sh"), _settings.SelectMany(setting => new[] { "--override", setting }));
        if (File.Exists(script))
        {
            _process = Launch(script, [_folder.FullName, $"{_port}", .. settings]);
        }
        else
        {
            await FormatAsync();
            _process = Launch(Program("kafka-server-start.sh"), [Settings(), .. settings]);
        }
        await _process.UntilReadyAsync(() => Task.Run(Answers), ReadyLimit);
    }

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

    private static string? Installed(string? home) =>
        !string.IsNullOrEmpty(home) && File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh")) ? home : null;

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

    private string Program(string name) => Path.Combine(_home, "bin", name);

    private ServerProcess Launch(string program, params string[] arguments) => ServerProcess.Start(
        program, _folder.FullName, arguments,
        new Dictionary<string, string> { ["KAFKA_HEAP_OPTS"] = "-Xms128m -Xmx512m", ["LOG_DIR"] = Path.Combine(_folder.FullName, "logs") });

    private async Task FormatAsync()
    {
        if (File.Exists(Path.Combine(LogFolder, "meta.properties")))
        {
            return;
        }
        using var format = Launch(Program("kafka-storage.sh"), "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", Settings());
        await format.UntilEndedAsync(FormatLimit);
    }

    private string Settings()
    {
        var file = Path.Combine(_folder.FullName, "server.properties");
        File.WriteAllText(file, $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:{_port + 1}
            listeners=PLAINTEXT://127.0.0.1:{_port},CONTROLLER://127.0.0.1:{_port + 1}
            advertised.listeners=PLAINTEXT://127.0.0.1:{_port}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
            log.dirs={LogFolder}
            num.partitions=4
            auto.create.topics.enable=true
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=4
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            transaction.state.log.num.partitions=4
            group.initial.rebalance.delay.ms=0
            """);
        return file;
    }

    private bool Answers()
    {
        try
        {
            using var client = Client();
            return client.GetMetadata(TimeSpan.FromSeconds(1)).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private IAdminClient Client() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler((_, _) => { }).Build();
}
