using Confluent.Kafka;

namespace FraudScoring.TestKit.Services;

/// <summary>An unpacked Apache Kafka, version 3.7 or later, and how a broker of it (KRaft, one node) is started.</summary>
internal sealed class KafkaDistribution
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FormatLimit = TimeSpan.FromSeconds(60);

    private readonly string _home;

    private KafkaDistribution(string home) => _home = home;

    /// <summary>The distribution in a folder, by default in KAFKA_HOME; null if there is none.</summary>
    public static KafkaDistribution? Find(string? home = null)
    {
        home ??= Environment.GetEnvironmentVariable("KAFKA_HOME");
        return !string.IsNullOrEmpty(home) && File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh"))
            ? new KafkaDistribution(home) : null;
    }

    /// <summary>Starts a broker and waits until it responds.</summary>
    /// <param name="folder">Folder of its files. A broker that is started again in the same folder has its topics.</param>
    /// <param name="port">Port of the broker; the next one is the controller's.</param>
    /// <param name="settings">Settings that differ from the usual ones, such as "auto.create.topics.enable=false".</param>
    /// <param name="processors">Processors that it may use, as taskset takes them. Null: those of this process.</param>
    public async Task<ServerProcess> StartAsync(
        string folder, int port, IEnumerable<string> settings, string? processors = null)
    {
        var (script, overrides) = (Program("start-broker.sh"), settings.SelectMany(setting => new[] { "--override", setting }));
        ServerProcess broker;
        if (File.Exists(script))
        {
            broker = Launch(script, folder, processors, [folder, $"{port}", .. overrides]);
        }
        else
        {
            var file = WriteSettings(folder, port);
            await FormatAsync(folder, file);
            broker = Launch(Program("kafka-server-start.sh"), folder, processors, [file, .. overrides]);
        }
        try
        {
            await broker.UntilReadyAsync(() => Task.Run(() => Answers(port)), ReadyLimit);
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    private static string LogFolder(string folder) => Path.Combine(folder, "log");

    private string Program(string name) => Path.Combine(_home, "bin", name);

    private static ServerProcess Launch(string program, string folder, string? processors, params string[] arguments) =>
        ServerProcess.Start(
            program, folder, arguments,
            new Dictionary<string, string> { ["KAFKA_HEAP_OPTS"] = "-Xms128m -Xmx512m", ["LOG_DIR"] = Path.Combine(folder, "logs") },
            processors);

    private async Task FormatAsync(string folder, string settings)
    {
        if (File.Exists(Path.Combine(LogFolder(folder), "meta.properties")))
        {
            return;
        }
        using var format = Launch(Program("kafka-storage.sh"), folder, null, "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", settings);
        await format.UntilEndedAsync(FormatLimit);
    }

    private static string WriteSettings(string folder, int port)
    {
        var file = Path.Combine(folder, "server.properties");
        File.WriteAllText(file, $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:{port + 1}
            listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 1}
            advertised.listeners=PLAINTEXT://127.0.0.1:{port}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
            log.dirs={LogFolder(folder)}
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

    private static bool Answers(int port)
    {
        try
        {
            using var client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = $"127.0.0.1:{port}" })
                .SetLogHandler((_, _) => { }).Build();
            return client.GetMetadata(TimeSpan.FromSeconds(1)).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
