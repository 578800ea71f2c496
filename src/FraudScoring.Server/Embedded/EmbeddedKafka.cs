using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Embedded;

/// <summary>
/// A Kafka broker inside this process (the mock cluster of librdkafka), used when Kafka:BootstrapServers is empty.
/// </summary>
/// <remarks>
/// <para>
/// Supported: produce and fetch with headers and any compression, idempotent and transactional producers, consumer groups of the classic
/// protocol with committed offsets, watermark offsets. Topics are created on first use with <see cref="PartitionsPerTopic"/> partitions.
/// </para>
/// <para>
/// Not supported: creating, deleting and altering topics and describing groups (these calls time out or are refused), offsets by time
/// (always the end), isolation of transactions (records of an aborted transaction stay visible). A partition keeps its newest 5 MB or
/// 100,000 batches; a consumer whose offset has been removed follows its auto.offset.reset. A group's first assignment takes 3 s, a
/// rebalance about as long as the session timeout.
/// </para>
/// </remarks>
internal sealed class EmbeddedKafka : IDisposable
{
    /// <summary>Partitions of every topic; librdkafka has no setting for it.</summary>
    public const int PartitionsPerTopic = 4;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    // The mock cluster belongs to the client that created it and ends when that client is disposed of.
    private readonly IAdminClient _owner;

    private EmbeddedKafka(IAdminClient owner, string bootstrapServers)
    {
        _owner = owner;
        BootstrapServers = bootstrapServers;
    }

    /// <summary>Value for bootstrap.servers.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a broker on a free port of the loopback interface.</summary>
    /// <exception cref="KafkaException">The broker did not respond within 10 s.</exception>
    public static EmbeddedKafka Start(ILogger log)
    {
        var config = new AdminClientConfig();
        config.Set("test.mock.num.brokers", "1");
        var owner = new AdminClientBuilder(config)
            .SetLogHandler((_, message) => log.KafkaClient(LogLevel.Debug, message.Name, message.Message))
            .Build();
        try
        {
            var brokers = owner.GetMetadata(StartLimit).Brokers.Select(broker => $"{broker.Host}:{broker.Port}");
            var embedded = new EmbeddedKafka(owner, string.Join(',', brokers));
            log.EmbeddedKafkaStarted(embedded.BootstrapServers);
            return embedded;
        }
        catch (KafkaException)
        {
            owner.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _owner.Dispose();
}
