using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Determines where a consumer reads its partitions from: at the applied or committed offset, or before that if the markers in Redis are
/// behind it (a rewind).
/// </summary>
/// <remarks>
/// Committed offsets alone are not enough: Kafka knows what was applied, but not that Redis has since lost it. Redis may come back empty,
/// with an older snapshot, or as a replica that lagged; its markers then say which offset each bucket still has. The partition is read
/// again from the bucket that is furthest behind; the other buckets skip the records they have, so nothing counts twice. Dead letters of
/// invalid records are not repeated (<see cref="IsRewound"/>); labels that find no room are sent again. The cost of a rewind is the time to
/// read the log again, during which features are stale; records that Kafka has deleted stay missing.
/// </remarks>
internal sealed class StreamRecovery(
    RedisProfileWriter writer, StreamPosition position, MissingHistory missing, TopicSources sources, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly RewoundRecords _rewound = new();

    /// <summary>True if the partition's markers are known, so that its records may be applied.</summary>
    public bool IsInPlace(TopicPartition partition) => writer.Markers.IsKnown(sources.Of(partition));

    /// <summary>True if the record is read again after a rewind: its effects outside of Redis must not be repeated.</summary>
    public bool IsRewound(ConsumeResult<byte[], byte[]> record) => _rewound.Contains(record.TopicPartitionOffset);

    /// <summary>Says that a partition's records before an offset are read again.</summary>
    public void ReadAgain(TopicPartition partition, long until) => _rewound.Rewind(partition, until);

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
        if (await sources.FindAsync(cancellationToken) && position.Partitions.Count > 0)
        {
            // All partitions must be placed under their new numbers, which a restart of the consumer does.
            throw new KafkaException(new Error(ErrorCode.Local_Inconsistent, $"Topic {open[0].Topic} was deleted and recreated."));
        }
        var committed = consumer.Committed(open, Limit).ToDictionary(c => c.TopicPartition, c => Math.Max(0, c.Offset.Value));
        foreach (var partition in open)
        {
            await writer.ReadMarkersAsync(sources.Of(partition), cancellationToken);
            var askedAt = time.GetTimestamp();
            var ends = consumer.QueryWatermarkOffsets(partition, Limit);
            // Applied offsets first, because commits follow them only once a second.
            var start = position.Partitions.GetValueOrDefault(partition)?.Next ?? Math.Max(committed[partition], ends.Low.Value);
            var least = writer.Markers.Least(sources.Of(partition));
            // No record of the recreated topic is applied yet: what the group has committed are offsets of the topic before it.
            var isRecreated = sources.Generation > 0 && least == 0;
            if (least > ends.High.Value)
            {
                throw new KafkaException(new Error(ErrorCode.Local_Inconsistent,
                    $"topic {partition.Topic} partition {partition.Partition.Value} ends at offset {ends.High.Value}, but Redis has "
                    + $"applied records up to {least}: the topic has lost records. Set another Redis:KeyPrefix to rebuild the features "
                    + "from the topic"));
            }
            // Never ahead to the markers: records after the commit may be in Redis while their follow-up work was lost in a crash.
            var target = Math.Min(start, Math.Max(least, ends.Low.Value));
            if (isLost || target < start)
            {
                consumer.Seek(new TopicPartitionOffset(partition, target));
                sought.Add(partition);
            }
            if (isRecreated)
            {
                _rewound.Forget(partition);
                if (ends.High > 0)
                {
                    log.TopicRecreated(partition.Topic, partition.Partition.Value, target);
                }
            }
            else if (target < start)
            {
                _rewound.Rewind(partition, start);
                ServerMetrics.Rewinds.WithLabels(partition.Topic).Inc();
                log.Rewound(partition.Topic, partition.Partition.Value, start, target);
            }
            // What this consumer has applied says more than the commit, which follows it, and than the beginning of the log.
            var before = isRecreated ? 0 : position.Partitions.GetValueOrDefault(partition)?.Next ?? committed[partition];
            if (await missing.FindAsync(sources.Of(partition), least, ends.Low.Value, before, cancellationToken))
            {
                log.LogTruncated(partition.Topic, partition.Partition.Value, least, ends.Low.Value);
            }
            position.Place(partition, target, ends.High.Value, askedAt, isRewind: target < start);
        }
        return sought;
    }
}
