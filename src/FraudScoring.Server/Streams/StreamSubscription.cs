using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Opens the consumer of one topic, again after each failure, and records which partitions were assigned, revoked or read to their end.
/// </summary>
internal sealed class StreamSubscription(
    KafkaClients clients, string groupId, IRecordStream stream, TimeProvider time, ILogger log)
{
    /// <summary>Interval at which the client commits stored offsets.</summary>
    public static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(10);

    private bool _missingTopicLogged;

    /// <summary>Partitions assigned or revoked since this was cleared. Changes only during <see cref="Poll"/> and when closing.</summary>
    public HashSet<TopicPartition> Changed { get; } = [];

    /// <summary>By partition, the offset at which the client reported the end, if it has delivered no record since.</summary>
    public Dictionary<TopicPartition, long> Ends { get; } = [];

    /// <summary>Opens a consumer that is not subscribed yet.</summary>
    public IConsumer<byte[], byte[]> Open() => clients.Consumer(groupId, Tune, Listen);

    /// <summary>The offset to read a partition from: the committed one, or the beginning if the partition does not have it.</summary>
    /// <remarks>
    /// Without a commit there is none. A topic may also have been recreated, or have lost records at either end since. Whether the
    /// records before the offset are missing is found when the partition is placed.
    /// </remarks>
    /// <param name="committed">What the group has committed; negative without a commit.</param>
    /// <param name="ends">Where the partition begins and ends.</param>
    public static Offset StartOf(Offset committed, WatermarkOffsets ends) =>
        committed.Value >= ends.Low.Value && committed.Value <= ends.High.Value ? committed : ends.Low;

    /// <summary>Waits for a record; null if none arrived within the limit.</summary>
    /// <exception cref="KafkaException">The consumer failed, or the partition does not have the next record any more.</exception>
    public ConsumeResult<byte[], byte[]>? Poll(IConsumer<byte[], byte[]> consumer, TimeSpan limit)
    {
        var start = time.GetTimestamp();
        while (Consume(consumer, limit - time.GetElapsedTime(start)) is { } polled)
        {
            if (!polled.IsPartitionEOF)
            {
                Ends.Remove(polled.TopicPartition);
                return polled;
            }
            Ends[polled.TopicPartition] = polled.Offset.Value;
        }
        return null;
    }

    private ConsumeResult<byte[], byte[]>? Consume(IConsumer<byte[], byte[]> consumer, TimeSpan limit)
    {
        try
        {
            return consumer.Consume(limit > TimeSpan.Zero ? limit : TimeSpan.Zero);
        }
        catch (ConsumeException e) when (e.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            // Nobody has written to the topic yet. The client keeps looking for it.
            if (!_missingTopicLogged)
            {
                log.TopicMissing(stream.Topic);
                _missingTopicLogged = true;
            }
            return null;
        }
        catch (ConsumeException e) when (e.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            var (topic, partition, offset) = (e.ConsumerRecord.Topic, e.ConsumerRecord.Partition.Value, e.ConsumerRecord.Offset.Value);
            throw new KafkaException(new Error(ErrorCode.Local_Inconsistent,
                $"Topic {topic} partition {partition} does not have the next offset {offset}: brokers deleted records before they were "
                + "read, or the topic was recreated or has lost records."));
        }
    }

    private static IEnumerable<TopicPartitionOffset> FindStarts(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        try
        {
            return consumer.Committed(partitions, AskLimit).ConvertAll(committed => new TopicPartitionOffset(
                committed.TopicPartition, StartOf(committed.Offset, consumer.QueryWatermarkOffsets(committed.TopicPartition, AskLimit))));
        }
        catch (KafkaException)
        {
            // An exception would leave the partitions neither assigned nor refused. Without an offset the client looks for the commit
            // itself, and fails if there is none; the consumer then starts again.
            return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Unset));
        }
    }

    private void Change(IEnumerable<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            Changed.Add(partition);
            Ends.Remove(partition);
        }
    }

    private void Listen(ConsumerBuilder<byte[], byte[]> builder)
    {
        builder.SetPartitionsAssignedHandler((consumer, partitions) =>
        {
            Change(partitions);
            return FindStarts(consumer, partitions);
        });
        builder.SetPartitionsRevokedHandler((_, partitions) => Change(partitions.Select(p => p.TopicPartition)));
        builder.SetPartitionsLostHandler((_, partitions) => Change(partitions.Select(p => p.TopicPartition)));
    }

    private void Tune(ConsumerConfig config)
    {
        config.SessionTimeoutMs = clients.Options.SessionTimeoutSeconds * (int)MillisecondsPer.Second;
        config.HeartbeatIntervalMs = config.SessionTimeoutMs / 4;
        config.AllowAutoCreateTopics = true;
        config.EnablePartitionEof = true;
        // Where brokers have deleted records before they were read, the client fails instead of passing over them without a word: the
        // consumer starts again, and finds what is missing.
        config.AutoOffsetReset = AutoOffsetReset.Error;
        // Commits in the background, and only stored offsets: a synchronous commit to an unreachable broker would block the loop.
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = (int)CommitInterval.TotalMilliseconds;
        // New topics and partitions are found within seconds instead of minutes.
        config.TopicMetadataRefreshIntervalMs = KafkaClients.MetadataRefreshMs;
        // Brokers collect records before they answer: thousands of fetches per second would cost more than the records in them.
        config.FetchMinBytes = 16 * 1024;
        config.FetchWaitMaxMs = (int)stream.FetchWait.TotalMilliseconds;
    }
}
