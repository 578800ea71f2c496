using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>Position of a consumer in its partitions: the applied and stored offsets, and the distance to the end.</summary>
internal sealed class StreamPosition(TimeProvider time)
{
    private static readonly TimeSpan EndInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly Dictionary<TopicPartition, long> _applied = [];
    private readonly Dictionary<TopicPartition, long> _stored = [];
    private long _endSeenAt;
    private long _appliedUntilMs;

    /// <summary>Next offset to apply, per partition; partitions without applied records are absent.</summary>
    public IReadOnlyDictionary<TopicPartition, long> NextOffsets => _applied;

    /// <summary>True if offsets were applied since <see cref="Store"/>.</summary>
    public bool IsAhead => _applied.Any(next => !_stored.TryGetValue(next.Key, out var stored) || stored != next.Value);

    /// <summary>Clears the position: a new consumer starts at its committed offsets.</summary>
    public void Reset()
    {
        _applied.Clear();
        _stored.Clear();
        _endSeenAt = 0;
        _appliedUntilMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>Clears the position of a partition that was assigned or revoked.</summary>
    public void Forget(TopicPartition partition)
    {
        _applied.Remove(partition);
        _stored.Remove(partition);
        _endSeenAt = 0;
    }

    /// <summary>Advances past a completed batch.</summary>
    public void Applied(IngestBatch batch)
    {
        batch.Require(IngestBatchState.Completed);
        foreach (var (partition, next) in batch.NextByPartition)
        {
            _applied[partition] = next;
        }
        _appliedUntilMs = batch.TimestampsMs[^1];
    }

    /// <summary>Sets the next offset of a partition, also back.</summary>
    public void Rewind(TopicPartition partition, long next)
    {
        _applied[partition] = next;
        _endSeenAt = 0;
    }

    /// <summary>Lets the consumer commit the applied offsets. The markers must have passed them.</summary>
    public void Store(IConsumer<byte[], byte[]> consumer)
    {
        foreach (var (partition, next) in _applied)
        {
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition, next));
                _stored[partition] = next;
            }
            catch (KafkaException)
            {
                // The partition was assigned to another consumer. It starts at the last commit, and skips the records it reads again.
            }
        }
    }

    /// <summary>
    /// Null if every record is applied; else since when records wait, as far as known, in milliseconds since the Unix epoch. Brokers that
    /// do not answer count as having more records, so that an outage does not look like a quiet topic.
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

    /// <summary>Number of records not applied yet, by the end offsets that the client knows.</summary>
    public long Remaining(IConsumer<byte[], byte[]> consumer) => _applied.Sum(next =>
        consumer.GetWatermarkOffsets(next.Key) is { High.Value: >= 0 } ends ? Math.Max(0, ends.High.Value - next.Value) : 0);

    private bool AsksWhetherAtEnd(IConsumer<byte[], byte[]> consumer, List<TopicPartition> assigned)
    {
        _endSeenAt = 0;
        if (assigned.Count == 0)
        {
            return false;
        }
        try
        {
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
        ends.High == Offset.Unset || ends.High.Value == ends.Low.Value
            || (_applied.TryGetValue(partition, out var next) && next >= ends.High.Value);
}
