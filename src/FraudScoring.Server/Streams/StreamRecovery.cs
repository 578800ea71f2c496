using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Puts a consumer where its partitions are to be read from: at what it has applied or committed, or before that when the markers in
/// Redis say that Redis has less.
/// </summary>
internal sealed class StreamRecovery(RedisProfileWriter writer, StreamPosition position, int topicNumber, ILogger log)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<TopicPartition, long> _doneBefore = [];

    /// <summary>True when the partition's markers are known, so its records may be applied.</summary>
    public bool IsInPlace(TopicPartition partition) => writer.Markers.IsKnown(SourceOf(partition));

    /// <summary>True when the record is read again after a rewind: what it did outside of Redis is done.</summary>
    public bool IsReplay(ConsumeResult<byte[], byte[]> record) =>
        _doneBefore.TryGetValue(record.TopicPartition, out var done) && record.Offset.Value < done;

    /// <summary>Reads the markers of assigned partitions that are not in place yet, and seeks where they say that records are missing.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="isLost">Redis was seen to have lost data, and what was read since is not applied: every partition is sought.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>The partitions that were sought: what was read of them before is to be dropped.</returns>
    /// <exception cref="KafkaException">Brokers did not answer, or the log ends before what Redis has.</exception>
    public async Task<HashSet<TopicPartition>> PlaceAsync(IConsumer<byte[], byte[]> consumer, bool isLost, CancellationToken cancellationToken)
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
            var start = position.NextOffsets.GetValueOrDefault(partition, Math.Max(committed[partition], ends.Low.Value));
            var least = writer.Markers.Least(SourceOf(partition));
            if (least > ends.High.Value)
            {
                throw new KafkaException(new Error(ErrorCode.Local_Inconsistent,
                    $"partition {partition.Partition.Value} ends at {ends.High.Value}, before offset {least} that Redis has: the topic was made anew or "
                    + "has lost records. Set another Redis:KeyPrefix to build the features from the log as it is"));
            }
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
