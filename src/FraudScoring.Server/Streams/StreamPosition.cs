using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>Position of a consumer in its partitions: the applied and stored offsets, and until when every record is applied.</summary>
internal sealed class StreamPosition(TimeProvider time)
{
    // A partition that is behind is asked for its end more often: the answers are the clock of its progress.
    private static readonly TimeSpan BehindInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndInterval = TimeSpan.FromSeconds(3);

    // How long an answer counts: an answer may take two seconds.
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromSeconds(5);

    private readonly Dictionary<TopicPartition, PartitionPosition> _partitions = [];

    /// <summary>The partitions whose start is known.</summary>
    public IReadOnlyDictionary<TopicPartition, PartitionPosition> Partitions => _partitions;

    /// <summary>True if offsets were applied since <see cref="Store"/>.</summary>
    public bool IsAhead => _partitions.Values.Any(partition => partition.Stored != partition.Next);

    /// <summary>Number of records not applied yet.</summary>
    public long Remaining => _partitions.Values.Sum(partition => partition.Remaining);

    /// <summary>Clears the position: a new consumer starts at its committed offsets.</summary>
    public void Reset() => _partitions.Clear();

    /// <summary>Clears the position of a partition that was assigned or revoked.</summary>
    public void Forget(TopicPartition partition) => _partitions.Remove(partition);

    /// <summary>Advances past a record that was taken into a batch.</summary>
    public void Take(TopicPartition partition, long next) => Of(partition, next).Take(next);

    /// <summary>Throws if a record was taken before: the client began earlier, as its offset did not exist when it was assigned.</summary>
    /// <remarks>
    /// Then the topic was recreated, or has lost records. Its new records have offsets of earlier ones, and must not be taken for them.
    /// </remarks>
    /// <exception cref="KafkaException">The record was taken before.</exception>
    public void RequireNew(TopicPartitionOffset record)
    {
        if (_partitions.TryGetValue(record.TopicPartition, out var position) && record.Offset.Value < position.NextTaken)
        {
            throw new KafkaException(new Error(ErrorCode.Local_Inconsistent,
                $"topic {record.Topic} partition {record.Partition.Value} was at offset {position.NextTaken} and continues at "
                + $"{record.Offset.Value}: the topic was recreated or has lost records"));
        }
    }

    /// <summary>Advances past a completed batch.</summary>
    public void Applied(IngestBatch batch)
    {
        batch.Require(IngestBatchState.Completed);
        foreach (var (partition, next) in batch.NextByPartition)
        {
            Of(partition, next).Apply(next);
        }
    }

    /// <summary>Sets the next offset of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="next">The offset.</param>
    /// <param name="end">The end of the partition, which brokers were asked for after <paramref name="askedAt"/>.</param>
    /// <param name="askedAt">A time, as <see cref="TimeProvider.GetTimestamp"/> has it.</param>
    /// <param name="isRewind">True if records from this offset on were applied before.</param>
    public void Place(TopicPartition partition, long next, long end, long askedAt, bool isRewind)
    {
        var position = Of(partition, next);
        position.Place(next, isRewind);
        // An older answer that arrives now is ignored.
        position.AskedAt = askedAt;
        position.AddSample(askedAt, end);
    }

    /// <summary>Lets the consumer commit the applied offsets. The markers must have passed them.</summary>
    public void Store(IConsumer<byte[], byte[]> consumer)
    {
        foreach (var (partition, position) in _partitions)
        {
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition, position.Next));
                position.Stored = position.Next;
            }
            catch (KafkaException)
            {
                // The partition was assigned to another consumer. It starts at the last commit, and skips the records it reads again.
            }
        }
    }

    /// <summary>
    /// Determines which partitions are applied to their end, and asks brokers now and then where that is. While they do not answer, no
    /// partition counts as applied to its end, so that an outage does not look like a quiet topic.
    /// </summary>
    /// <param name="brokers">Asks them.</param>
    /// <param name="ends">
    /// By partition, the offset at which the client reported the end, if it has delivered no record since. Entries that brokers contradict
    /// are removed.
    /// </param>
    public void Look(PartitionEnds brokers, Dictionary<TopicPartition, long> ends)
    {
        Ask(brokers, ends);
        if (brokers.TryTake(out var askedAt, out var answers))
        {
            foreach (var (partition, end) in answers)
            {
                Answer(partition, askedAt, end, ends);
            }
        }
        foreach (var (partition, position) in _partitions)
        {
            if (ends.TryGetValue(partition, out var end) && position.IsAtEnd(end) && !HasPassed(position.AnsweredAt, AnswerLifetime))
            {
                position.ReachEnd(time.GetTimestamp(), end);
            }
        }
    }

    private void Ask(PartitionEnds brokers, Dictionary<TopicPartition, long> ends)
    {
        var due = _partitions.Where(partition => IsDue(partition.Value, ends.ContainsKey(partition.Key))).Select(one => one.Key).ToList();
        if (due.Count > 0 && brokers.Ask(due) is { } at)
        {
            due.ForEach(partition => _partitions[partition].AskedAt = at);
        }
    }

    private bool IsDue(PartitionPosition position, bool isEnded) =>
        HasPassed(position.AskedAt, BehindInterval) && HasPassed(position.AnsweredAt, isEnded ? EndInterval : BehindInterval);

    private void Answer(TopicPartition partition, long askedAt, long end, Dictionary<TopicPartition, long> ends)
    {
        // The partition may have been assigned again since, with a topic that was recreated.
        if (!_partitions.TryGetValue(partition, out var position) || position.AskedAt != askedAt)
        {
            return;
        }
        position.AddSample(askedAt, end);
        if (ends.TryGetValue(partition, out var known) && end > known)
        {
            // More records exist. If they are not delivered either, the partition is not at its end.
            ends.Remove(partition);
        }
    }

    private bool HasPassed(long? at, TimeSpan interval) => at is not { } since || time.GetElapsedTime(since) >= interval;

    private PartitionPosition Of(TopicPartition partition, long next)
    {
        if (!_partitions.TryGetValue(partition, out var position))
        {
            _partitions.Add(partition, position = new PartitionPosition(next));
        }
        return position;
    }
}
