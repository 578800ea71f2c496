using Confluent.Kafka;
using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>Where a record of an <see cref="Outbox{T}"/> is.</summary>
internal enum OutboxState
{
    Waiting,
    InClient,
    /// <summary>Brokers have acknowledged it.</summary>
    Delivered,
    /// <summary>The client gave it up; it is sent again or dropped.</summary>
    Failed,
    /// <summary>It cannot be delivered, and was counted as lost.</summary>
    Dropped,
}

/// <summary>A record on its way to Kafka. Its state changes on the threads of the outbox and of the Kafka client.</summary>
/// <param name="content">The record.</param>
/// <param name="stored">Answers the caller that waits for the record to be on disk; null if none does.</param>
internal sealed class OutboxRecord(SpooledRecord content, TaskCompletionSource<bool>? stored = null)
{
    private volatile OutboxState _state;

    public SpooledRecord Content => content;

    /// <summary>Its number in the spool; 0 while it is only in memory.</summary>
    public long Seq { get; set; }

    /// <summary>When the outbox took it, as a timestamp of the clock.</summary>
    public long TakenAt { get; set; }

    public OutboxState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>True once the record is delivered or dropped.</summary>
    public bool IsSettled => _state is OutboxState.Delivered or OutboxState.Dropped;

    /// <summary>Answers the caller that waits for the record to be on disk.</summary>
    public void Answer(bool isStored) => stored?.TrySetResult(isStored);

    public Message<byte[], byte[]> ToMessage() => ToMessage(content);

    /// <summary>Makes a message of a record that is or could be in the spool.</summary>
    public static Message<byte[], byte[]> ToMessage(SpooledRecord record)
    {
        var headers = new Headers();
        foreach (var (name, value) in SpooledHeaders.Read(record.Headers))
        {
            headers.Add(name, value);
        }
        return new Message<byte[], byte[]> { Key = record.Key!, Value = record.Value!, Headers = headers };
    }
}
