using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>Knows the records that are read again after a rewind: their effects outside of Redis must not be repeated.</summary>
internal sealed class RewoundRecords
{
    private readonly Dictionary<TopicPartition, long> _doneBefore = [];

    /// <summary>Records that a partition is rewound from an offset. A second loss during a rewind starts at an earlier one.</summary>
    public void Rewind(TopicPartition partition, long from) =>
        _doneBefore[partition] = Math.Max(from, _doneBefore.GetValueOrDefault(partition));

    /// <summary>Forgets a partition whose records are others now.</summary>
    public void Forget(TopicPartition partition) => _doneBefore.Remove(partition);

    /// <summary>True if the record is read again.</summary>
    public bool Contains(TopicPartitionOffset record) =>
        _doneBefore.TryGetValue(record.TopicPartition, out var done) && record.Offset.Value < done;
}
