using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>Records read from a topic, and what is to be done with them. Reused.</summary>
/// <param name="profiles">The updates of profiles.</param>
/// <param name="topicNumber">The topic's number in the profiles' offsets.</param>
internal sealed class StreamBatch(ProfileBatch profiles, int topicNumber)
{
    /// <summary>The updates of profiles.</summary>
    public ProfileBatch Profiles => profiles;

    /// <summary>Payments that were read.</summary>
    public List<ReadPayment> Payments { get; } = [];

    /// <summary>Labels that were read.</summary>
    public List<ReadLabel> Labels { get; } = [];

    /// <summary>Time stamps of the records, milliseconds since the Unix epoch.</summary>
    public List<long> TimestampsMs { get; } = [];

    /// <summary>By partition, the offset behind the last record.</summary>
    public Dictionary<TopicPartition, long> NextOffsets { get; } = [];

    /// <summary>Takes note of a record, whatever became of it.</summary>
    public void Add(ConsumeResult<byte[], byte[]> record)
    {
        profiles.Read(AppliedOffsets.SourceOf(topicNumber, record.Partition.Value), record.Offset.Value);
        NextOffsets[record.TopicPartition] = record.Offset.Value + 1;
        TimestampsMs.Add(record.Message.Timestamp.UnixTimestampMs);
    }

    /// <summary>Forgets everything, for the next records.</summary>
    public void Clear()
    {
        profiles.Clear();
        Payments.Clear();
        Labels.Clear();
        TimestampsMs.Clear();
        NextOffsets.Clear();
    }
}

/// <summary>A label as it was read from the log.</summary>
/// <param name="Source">Its partition, as <see cref="AppliedOffsets.SourceOf"/> numbers it.</param>
/// <param name="Record">Its record.</param>
/// <param name="Label">The label.</param>
/// <param name="Key">The keyed hash of its transaction, time and verdict.</param>
internal sealed record ReadLabel(int Source, ConsumeResult<byte[], byte[]> Record, Core.Payments.Label Label, EntityKey Key)
{
    /// <summary>The entities of its transaction, when it names none itself and the transaction is known.</summary>
    public EntityKey[] Entities { get; set; } = [];

    /// <summary>The same label came before, with another record.</summary>
    public bool IsDuplicate { get; set; }

    /// <summary>It is known what it is about; else it waits, or was put aside.</summary>
    public bool HasPlace => Label.HasEntity || Entities.Length > 0;
}
