using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>How far a consumer is in its partitions: what it has read, what is applied, and how far the end is.</summary>
internal sealed class StreamPosition(TimeProvider time)
{
    private static readonly TimeSpan EndInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly Dictionary<TopicPartition, long> _read = [];
    private readonly Dictionary<TopicPartition, long> _applied = [];
    private long _endSeenAt;
    private long _appliedUntilMs;

    /// <summary>Forgets everything: the consumer starts again at its committed offsets.</summary>
    public void Reset()
    {
        _read.Clear();
        _applied.Clear();
        _endSeenAt = 0;
        _appliedUntilMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>A record is in the batch.</summary>
    public void Read(ConsumeResult<byte[], byte[]> record)
    {
        _read[record.TopicPartition] = record.Offset.Value + 1;
        _appliedUntilMs = record.Message.Timestamp.UnixTimestampMs;
    }

    /// <summary>Everything read is in the profiles: the consumer may commit it.</summary>
    public void Applied(IConsumer<byte[], byte[]> consumer)
    {
        foreach (var (partition, next) in _read)
        {
            _applied[partition] = next;
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition, next));
            }
            catch (KafkaException)
            {
                // The partition has gone to another consumer, which reads from the last commit: what it reads again changes nothing.
            }
        }
        _read.Clear();
    }

    /// <summary>
    /// Null when all that brokers have is applied; else since when records wait, as far as known, in milliseconds since the Unix epoch.
    /// Brokers that do not answer count as having more, so that a broken stream does not look like a quiet one.
    /// </summary>
    public long? BehindSince(IConsumer<byte[], byte[]> consumer)
    {
        var assigned = consumer.Assignment;
        var atEnd = _endSeenAt != 0 && time.GetElapsedTime(_endSeenAt) < EndInterval
            ? assigned.TrueForAll(partition => IsAtEnd(partition, consumer.GetWatermarkOffsets(partition)))
            : AsksWhetherAtEnd(consumer, assigned);
        if (atEnd)
        {
            _appliedUntilMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        }
        return atEnd ? null : _appliedUntilMs;
    }

    private bool AsksWhetherAtEnd(IConsumer<byte[], byte[]> consumer, List<TopicPartition> assigned)
    {
        _endSeenAt = 0;
        if (assigned.Count == 0)
        {
            return false;
        }
        try
        {
            foreach (var committed in consumer.Committed(assigned.Where(partition => !_applied.ContainsKey(partition)), EndLimit))
            {
                if (committed.Offset.Value >= 0)
                {
                    _applied.TryAdd(committed.TopicPartition, committed.Offset.Value);
                }
            }
            var atEnd = assigned.TrueForAll(partition => IsAtEnd(partition, consumer.QueryWatermarkOffsets(partition, EndLimit)));
            _endSeenAt = time.GetTimestamp();
            return atEnd;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private bool IsAtEnd(TopicPartition partition, WatermarkOffsets ends) =>
        ends.High == Offset.Unset || ends.High.Value == ends.Low.Value || (_applied.TryGetValue(partition, out var next) && next >= ends.High.Value);
}
