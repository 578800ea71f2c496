using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Kafka;

/// <summary>Makes the clients of one Kafka cluster, all with the same address, security and log.</summary>
/// <param name="options">The section "Kafka".</param>
/// <param name="logs">Where the clients' own lines go.</param>
internal sealed class KafkaClients(KafkaOptions options, ILoggerFactory logs) : IDisposable
{
    private readonly ILogger _log = logs.CreateLogger<KafkaClients>();
    private EmbeddedKafka? _embedded;
    private string? _bootstrapServers;

    /// <summary>The section "Kafka".</summary>
    public KafkaOptions Options => options;

    /// <summary>Addresses the clients connect with.</summary>
    public string BootstrapServers => _bootstrapServers ?? throw new InvalidOperationException("Kafka is not open yet: the service is starting.");

    /// <summary>Takes the configured addresses, or starts the embedded broker. Must be called before a client is made.</summary>
    /// <exception cref="KafkaException">The embedded broker did not start.</exception>
    /// <exception cref="InvalidOperationException">The Kafka client refuses the settings, such as a certificate that cannot be read.</exception>
    /// <exception cref="ArgumentException">The Kafka client refuses the value of a setting.</exception>
    public void Open()
    {
        _embedded = options.BootstrapServers.Length == 0 ? EmbeddedKafka.Start(logs.CreateLogger<EmbeddedKafka>()) : null;
        _bootstrapServers = _embedded?.BootstrapServers ?? options.BootstrapServers;
        if (_embedded is null)
        {
            // The client checks its settings and reads certificates when it is made, and connects in the background.
            Admin().Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _embedded?.Dispose();

    /// <summary>A producer that waits for every in-sync replica and writes each record once, in order of its key.</summary>
    /// <param name="tune">Changes the settings before the producer is made.</param>
    public IProducer<byte[], byte[]> Producer(Action<ProducerConfig> tune)
    {
        var config = new ProducerConfig(Connection())
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = options.Compression,
            LingerMs = options.LingerMs,
            MessageTimeoutMs = options.DeliveryTimeoutSeconds * (int)MillisecondsPer.Second,
            // The partition a Java producer gives the same key, so that streams keyed by card stay aligned.
            Partitioner = Partitioner.Murmur2Random,
        };
        tune(config);
        return new ProducerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, message) => Write(message))
            .SetErrorHandler((client, error) => Write(client.Name, error))
            .Build();
    }

    /// <summary>A consumer that commits nothing by itself and starts at the beginning of a partition it has no offset for.</summary>
    /// <param name="groupId">The consumer group.</param>
    /// <param name="tune">Changes the settings before the consumer is made.</param>
    /// <param name="listen">Adds handlers, of assigned and revoked partitions for one.</param>
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

    /// <summary>A client that asks brokers about topics and groups.</summary>
    public IAdminClient Admin() => new AdminClientBuilder(Connection())
        .SetLogHandler((_, message) => Write(message))
        .SetErrorHandler((client, error) => Write(client.Name, error))
        .Build();

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
