using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Determines where a consumer reads its partitions from: at the applied or committed offset, or before that if the markers in Redis are
/// behind it (a rewind).
/// </summary>
/// <remarks>
/// Committed offsets alone are not enough: Kafka knows what was applied, but not that Redis has since lost it. Redis may come back empty,
/// with an older snapshot, or as a replica that lagged; its markers then say which offset each bucket still has. The partition is read
/// again from the bucket that is furthest behind; the other buckets skip the records they have, so nothing counts twice. Work outside of
/// Redis, such as dead letters, is not repeated (<see cref="IsRewound"/>). The cost of a rewind is the time to read the log again, during
/// which features are stale; records that Kafka has deleted stay missing.
/// </remarks>
internal sealed class StreamRecovery(RedisProfileWriter writer, StreamPosition position, int topicNumber, ILogger log)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<TopicPartition, long> _doneBefore = [];

    /// <summary>True if the partition's markers are known, so that its records may be applied.</summary>
    public bool IsInPlace(TopicPartition partition) => writer.Markers.IsKnown(SourceOf(partition));

    /// <summary>True if the record is read again after a rewind: its effects outside of Redis must not be repeated.</summary>
    public bool IsRewound(ConsumeResult<byte[], byte[]> record) =>
        _doneBefore.TryGetValue(record.TopicPartition, out var done) && record.Offset.Value < done;

    /// <summary>Reads the markers of newly assigned partitions, and seeks those whose markers are behind.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="isLost">True if Redis has lost data and the records read since were not applied: every partition is sought.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>The partitions that were sought; records read from them before must be dropped.</returns>
    /// <exception cref="KafkaException">Brokers did not answer, or the log ends before the offset that Redis has.</exception>
    public async Task<HashSet<TopicPartition>> PlaceAsync(
        IConsumer<byte[], byte[]> consumer, bool isLost, CancellationToken cancellationToken)
    {
        var open = consumer.Assignment.Where(partition => isLost || !IsInPlace(partition)).ToList();
        var sought = new HashSet<TopicPartition>();
        if (open.Count == 0)
        {
            return sought;
        }
        var committed = consumer.Committed(open, Limit).ToDictionary(c => c.TopicPartition, c => Math.Max(0, c.Offset.Value));
        foreach (var partition in open)
        {
            await writer.ReadMarkersAsync(SourceOf(partition), cancellationToken);
            var ends = consumer.QueryWatermarkOffsets(partition, Limit);
            // Applied offsets first, because commits follow them only once a second.
            var start = position.NextOffsets.GetValueOrDefault(partition, Math.Max(committed[partition], ends.Low.Value));
            var least = writer.Markers.Least(SourceOf(partition));
            if (least > ends.High.Value)
            {
                throw new KafkaException(new Error(ErrorCode.Local_Inconsistent,
                    $"topic {partition.Topic} partition {partition.Partition.Value} ends at offset {ends.High.Value}, but Redis has "
                    + $"applied records up to {least}: the topic was recreated or has lost records. Set another Redis:KeyPrefix to rebuild "
                    + "the features from the topic"));
            }
            // Never ahead to the markers: records after the commit may be in Redis while their follow-up work was lost in a crash.
            var target = Math.Min(start, Math.Max(least, ends.Low.Value));
            if (isLost || target < start)
            {
                consumer.Seek(new TopicPartitionOffset(partition, target));
                sought.Add(partition);
            }
            Report(partition, start, target, least);
            position.Rewind(partition, target);
        }
        return sought;
    }

    private void Report(TopicPartition partition, long start, long target, long least)
    {
        if (target < start)
        {
            _doneBefore[partition] = start;
            ServerMetrics.Rewinds.WithLabels(partition.Topic).Inc();
            log.Rewound(partition.Topic, partition.Partition.Value, start, target);
        }
        if (least > 0 && least < target)
        {
            log.LogTruncated(partition.Topic, partition.Partition.Value, least, target);
        }
    }

    private int SourceOf(TopicPartition partition) => AppliedOffsets.SourceOf(topicNumber, partition.Partition.Value);
}
