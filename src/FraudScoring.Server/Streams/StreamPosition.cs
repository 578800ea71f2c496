using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>How far a consumer is in its partitions: what it has read, what is applied, and how far the end is.</summary>
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

    /// <summary>Something was applied since <see cref="Store"/>.</summary>
    public bool IsAhead => _applied.Any(next => !_stored.TryGetValue(next.Key, out var stored) || stored != next.Value);

    /// <summary>Forgets everything: the consumer starts again at its committed offsets.</summary>
    public void Reset()
    {
        _applied.Clear();
        _stored.Clear();
        _endSeenAt = 0;
        _appliedUntilMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>A partition has come or gone.</summary>
    public void Forget(TopicPartition partition)
    {
        _applied.Remove(partition);
        _stored.Remove(partition);
        _endSeenAt = 0;
    }

    /// <summary>A batch is completed.</summary>
    public void Applied(IngestBatch batch)
    {
        batch.Require(IngestBatchState.Completed);
        foreach (var (partition, next) in batch.NextByPartition)
        {
            _applied[partition] = next;
        }
        _appliedUntilMs = batch.TimestampsMs[^1];
    }

    /// <summary>The partition is read again from here.</summary>
    public void Rewind(TopicPartition partition, long next)
    {
        _applied[partition] = next;
        _endSeenAt = 0;
    }

    /// <summary>What is applied is also in the markers: the consumer may commit it.</summary>
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
                // The partition has gone to another consumer, which reads from the last commit: what it reads again changes nothing.
            }
        }
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

    /// <summary>How many records brokers have that are not applied, as far as the client knows.</summary>
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
        ends.High == Offset.Unset || ends.High.Value == ends.Low.Value || (_applied.TryGetValue(partition, out var next) && next >= ends.High.Value);
}
