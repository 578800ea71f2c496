using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>The time by which the times in a record are judged.</summary>
internal static class RecordClock
{
    /// <summary>
    /// When the brokers appended the record, if the topic has that (message.timestamp.type=LogAppendTime); else the current time. What was
    /// too far ahead when it was written then still is when the log is read again, and the record published in its place still counts.
    /// </summary>
    /// <remarks>
    /// A time that the producer wrote says nothing, and a broker's clock that is ahead must not allow what this one does not.
    /// </remarks>
    public static long JudgedAtMs(ConsumeResult<byte[], byte[]> record, long nowMs) =>
        record.Message.Timestamp is { Type: TimestampType.LogAppendTime, UnixTimestampMs: var appendedMs }
            ? Math.Min(appendedMs, nowMs) : nowMs;
}
