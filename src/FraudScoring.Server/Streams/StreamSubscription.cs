using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>Opens consumers of one topic for a consumer group, one after the other, and notes which partitions have come or gone.</summary>
internal sealed class StreamSubscription(KafkaClients clients, string groupId, string topic, ILogger log)
{
    /// <summary>How often the client commits what is stored.</summary>
    public static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);

    private bool _missingTopicLogged;

    /// <summary>Partitions that came or went since this was cleared. Changes only during <see cref="Poll"/> and when closing.</summary>
    public HashSet<TopicPartition> Changed { get; } = [];

    /// <summary>Opens a consumer that is not subscribed yet.</summary>
    public IConsumer<byte[], byte[]> Open() => clients.Consumer(groupId, Tune, Listen);

    /// <summary>Waits for a record; null when none came.</summary>
    public ConsumeResult<byte[], byte[]>? Poll(IConsumer<byte[], byte[]> consumer, TimeSpan limit)
    {
        try
        {
            return consumer.Consume(limit);
        }
        catch (ConsumeException e) when (e.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            // Nobody has written to it yet. The client looks for it again by itself.
            if (!_missingTopicLogged)
            {
                log.TopicMissing(topic);
                _missingTopicLogged = true;
            }
            return null;
        }
    }

    private void Listen(ConsumerBuilder<byte[], byte[]> builder)
    {
        builder.SetPartitionsAssignedHandler((_, partitions) => Changed.UnionWith(partitions));
        builder.SetPartitionsRevokedHandler((_, partitions) => Changed.UnionWith(partitions.Select(p => p.TopicPartition)));
        builder.SetPartitionsLostHandler((_, partitions) => Changed.UnionWith(partitions.Select(p => p.TopicPartition)));
    }

    private void Tune(ConsumerConfig config)
    {
        config.SessionTimeoutMs = clients.Options.SessionTimeoutSeconds * (int)MillisecondsPer.Second;
        config.HeartbeatIntervalMs = config.SessionTimeoutMs / 4;
        config.AllowAutoCreateTopics = true;
        // In the background, and only what is stored as applied: a commit that waits for a lost broker must not hold up the loop.
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = (int)CommitInterval.TotalMilliseconds;
        // A topic that appears, or gets partitions, is seen within seconds rather than minutes.
        config.TopicMetadataRefreshIntervalMs = 5000;
        // Brokers gather records for a moment: thousands of fetches per second cost more than the records in them.
        config.FetchMinBytes = 16 * 1024;
        config.FetchWaitMaxMs = 10;
    }
}
