using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Embedded;

/// <summary>
/// A Kafka broker inside this process (the mock cluster of librdkafka), for a service without a Kafka of its own.
/// <para>
/// It does: produce and fetch with headers and any compression, idempotent and transactional producers, consumer groups of the classic
/// protocol with committed offsets, watermark offsets. Topics appear on first use with <see cref="PartitionsPerTopic"/> partitions.
/// </para>
/// <para>
/// It does not: create, delete or alter topics and describe groups (these calls time out or are refused), find offsets by time (always the
/// end), give transactions isolation (records of an aborted one stay). A partition keeps its newest 5 MB or 100,000 batches; older
/// records go, and a consumer that was there starts again by its auto.offset.reset. A group's first assignment comes after 3 s, a
/// rebalance takes about as long as the session timeout.
/// </para>
/// </summary>
internal sealed class EmbeddedKafka : IDisposable
{
    /// <summary>Partitions of every topic. librdkafka has no setting for it.</summary>
    public const int PartitionsPerTopic = 4;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    // The cluster lives in the client that asked for it, and goes with it.
    private readonly IAdminClient _owner;

    private EmbeddedKafka(IAdminClient owner, string bootstrapServers)
    {
        _owner = owner;
        BootstrapServers = bootstrapServers;
    }

    /// <summary>Addresses a Kafka client connects with.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts one broker on a free port of the loopback interface.</summary>
    /// <exception cref="KafkaException">The broker did not answer within ten seconds.</exception>
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
