using Confluent.Kafka;

namespace FraudScoring.TestKit.Services;

/// <summary>Reads all records of a topic.</summary>
internal static class TopicReader
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Returns every record from the start of the topic to its current end, in order within a partition.</summary>
    public static Task<List<ConsumeResult<byte[], byte[]>>> ReadAsync(string bootstrapServers, string topic) =>
        Task.Run(() => Read(bootstrapServers, topic));

    private static List<ConsumeResult<byte[], byte[]>> Read(string bootstrapServers, string topic)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "topic-reader",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            FetchWaitMaxMs = 20,
        };
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        var partitions = admin.GetMetadata(topic, Limit).Topics[0].Partitions;
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        for (var open = partitions.Count; open > 0;)
        {
            var record = consumer.Consume(Limit) ?? throw new TimeoutException($"The end of topic {topic} was not reached within {Limit}.");
            if (record.IsPartitionEOF)
            {
                open--;
            }
            else
            {
                records.Add(record);
            }
        }
        return records;
    }
}
