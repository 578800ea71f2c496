using Confluent.Kafka;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Server.Streams;

/// <summary>What the partitions of the log begin with, which tells whether a profile that is rebuilt from them lacks history.</summary>
internal sealed class LogStarts
{
    private readonly Dictionary<TopicPartition, (bool IsLabels, long Offset, long? FirstMs)> _starts = [];

    /// <summary>Adds a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="isLabels">True for one of the topic of labels.</param>
    /// <param name="offset">The offset that it begins with.</param>
    public void Add(TopicPartition partition, bool isLabels, long offset) => _starts[partition] = (isLabels, offset, null);

    /// <summary>Notes the time of a payment or label. The first one of the partition counts.</summary>
    public void Note(TopicPartition partition, long timeMs)
    {
        if (_starts[partition] is { FirstMs: null } start)
        {
            _starts[partition] = start with { FirstMs = timeMs };
        }
    }

    /// <summary>A partition whose deleted records an entity's features may need; null if there is none.</summary>
    /// <remarks>A partition that lost all its records may have lost such ones: nothing tells.</remarks>
    public TopicPartitionOffset? FindLate(EntityPlan plan, long nowMs)
    {
        foreach (var (partition, (isLabels, offset, firstMs)) in _starts)
        {
            var isNeeded = !isLabels || plan.KeepsLabels;
            var reachMs = isLabels ? plan.LabelRetentionMs : plan.RetentionMs;
            if (isNeeded && offset > 0 && !(firstMs <= nowMs - reachMs))
            {
                return new TopicPartitionOffset(partition, offset);
            }
        }
        return null;
    }
}
