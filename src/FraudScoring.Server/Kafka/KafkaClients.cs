using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Kafka;

/// <summary>Creates the clients of one Kafka cluster, all with the same address, security and log.</summary>
/// <param name="options">The section "Kafka".</param>
/// <param name="logs">Creates the log for the clients' own lines.</param>
internal sealed class KafkaClients(KafkaOptions options, ILoggerFactory logs) : IDisposable
{
    /// <summary>How often clients that must follow new topics, partitions and leaders ask for them, in milliseconds.</summary>
    public const int MetadataRefreshMs = 5000;

    private readonly ILogger _log = logs.CreateLogger<KafkaClients>();
    private EmbeddedKafka? _embedded;
    private string? _bootstrapServers;

    public KafkaOptions Options => options;

    /// <summary>True if the broker is the embedded one.</summary>
    public bool IsEmbedded => _embedded is not null;

    /// <summary>host:port of the brokers, with commas between.</summary>
    public string BootstrapServers =>
        _bootstrapServers ?? throw new InvalidOperationException("Kafka is not open yet: the service is starting.");

    /// <summary>Uses the configured addresses, or starts the embedded broker. Must be called before a client is created.</summary>
    /// <exception cref="KafkaException">The embedded broker did not start.</exception>
    /// <exception cref="InvalidOperationException">The Kafka client rejects the settings, such as an unreadable certificate.</exception>
    /// <exception cref="ArgumentException">The Kafka client rejects the value of a setting.</exception>
    public void Open()
    {
        _embedded = options.BootstrapServers.Length == 0 ? EmbeddedKafka.Start(logs.CreateLogger<EmbeddedKafka>()) : null;
        _bootstrapServers = _embedded?.BootstrapServers ?? options.BootstrapServers;
        if (_embedded is null)
        {
            // A client validates its settings and reads certificates when it is created; it connects in the background.
            Admin().Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _embedded?.Dispose();

    /// <summary>Creates an idempotent producer with acks=all: each record is written once, and in order per partition.</summary>
    /// <param name="tune">Changes the settings before the producer is created.</param>
    public IProducer<byte[], byte[]> Producer(Action<ProducerConfig> tune)
    {
        var config = new ProducerConfig(Connection())
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = options.Compression,
            LingerMs = options.LingerMs,
            MessageTimeoutMs = options.DeliveryTimeoutSeconds * (int)MillisecondsPer.Second,
            // The default of Java producers: a card then has the same partition in every topic, whoever wrote it.
            Partitioner = Partitioner.Murmur2Random,
        };
        tune(config);
        return new ProducerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, message) => Write(message))
            .SetErrorHandler((client, error) => Write(client.Name, error))
            .Build();
    }

    /// <summary>
    /// Creates a consumer without automatic commits. It starts at the beginning of a partition without a committed offset.
    /// </summary>
    /// <param name="groupId">The consumer group.</param>
    /// <param name="tune">Changes the settings before the consumer is created.</param>
    /// <param name="listen">Adds handlers, such as those of assigned and revoked partitions.</param>
    public IConsumer<byte[], byte[]> Consumer(
        string groupId, Action<ConsumerConfig>? tune = null, Action<ConsumerBuilder<byte[], byte[]>>? listen = null)
    {
        var config = new ConsumerConfig(Connection())
        {
            GroupId = groupId,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        };
        tune?.Invoke(config);
        var builder = new ConsumerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, message) => Write(message))
            .SetErrorHandler((client, error) => Write(client.Name, error));
        listen?.Invoke(builder);
        return builder.Build();
    }

    public IAdminClient Admin()
    {
        var config = Connection();
        // The new leader of a partition is found as soon as by consumers.
        config.TopicMetadataRefreshIntervalMs = MetadataRefreshMs;
        return new AdminClientBuilder(config)
            .SetLogHandler((_, message) => Write(message))
            .SetErrorHandler((client, error) => Write(client.Name, error))
            .Build();
    }

    private ClientConfig Connection()
    {
        var config = new ClientConfig
        {
            BootstrapServers = BootstrapServers,
            ClientId = options.ClientId,
            SecurityProtocol = options.SecurityProtocol,
            SocketKeepaliveEnable = true,
            SslCaLocation = options.SslCaLocation,
            SslCertificateLocation = options.SslCertificateLocation,
            SslKeyLocation = options.SslKeyLocation,
            SslKeyPassword = options.SslKeyPassword,
        };
        if (options.UsesSasl)
        {
            config.SaslMechanism = options.SaslMechanism;
            config.SaslUsername = options.SaslUsername;
            config.SaslPassword = options.SaslPassword;
        }
        return config;
    }

    private void Write(LogMessage message)
    {
        var level = (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
        _log.KafkaClient(level, message.Name, message.Message);
    }

    private void Write(string client, Error error) =>
        _log.KafkaClient(error.IsFatal ? LogLevel.Error : LogLevel.Warning, client, error.Reason);
}
