using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Puts records that cannot be used aside, each to the dead-letter topic of its own topic, unchanged, with headers that say why and where
/// from. Delivered at least once: a record is tried until a broker has it.
/// </summary>
internal sealed class DeadLetterProducer(KafkaClients clients, TimeProvider time, ILogger<DeadLetterProducer> log) : IDisposable
{
    /// <summary>Header: what was wrong with the record.</summary>
    public const string ReasonHeader = "dead-letter-reason";

    /// <summary>Header: the topic the record was in.</summary>
    public const string TopicHeader = "dead-letter-topic";

    /// <summary>Header: its partition, decimal.</summary>
    public const string PartitionHeader = "dead-letter-partition";

    /// <summary>Header: its offset, decimal.</summary>
    public const string OffsetHeader = "dead-letter-offset";

    /// <summary>Header: when it was put aside, ISO 8601 in UTC.</summary>
    public const string TimeHeader = "dead-letter-time";

    /// <summary>Header: how many bytes of value were left out because the brokers took no record so large. Absent otherwise.</summary>
    public const string OmittedHeader = "dead-letter-omitted-bytes";

    private const int LargestRecord = 64 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly Lazy<IProducer<byte[], byte[]>> _client = new(() => clients.Producer(config =>
    {
        // An idempotent client can break for good. This one may write a record twice, and so can always try again.
        config.EnableIdempotence = false;
        config.LingerMs = 0;
        config.MessageMaxBytes = LargestRecord;
    }));

    /// <summary>Writes a record to its dead-letter topic and waits until brokers have it, trying again for as long as it takes.</summary>
    /// <param name="record">The record as it was read.</param>
    /// <param name="kind">The kind of fault, one of few: it labels a metric.</param>
    /// <param name="reason">All that is wrong with it, without the record's values.</param>
    /// <param name="cancellationToken">Ends the wait; the record may then be put aside or not.</param>
    /// <exception cref="OperationCanceledException">Cancelled before a broker had the record.</exception>
    public async Task PublishAsync(ConsumeResult<byte[], byte[]> record, string kind, string reason, CancellationToken cancellationToken)
    {
        log.DeadLetter(record.Topic, record.Partition.Value, record.Offset.Value, reason);
        var topic = clients.Options.DeadLetterTopic(record.Topic);
        var source = record.Message;
        var letter = new Message<byte[], byte[]> { Key = source.Key, Value = source.Value, Headers = Headers(record, reason) };
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _client.Value.ProduceAsync(topic, letter, cancellationToken);
                ServerMetrics.DeadLetters.WithLabels(record.Topic, kind).Inc();
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge && letter.Value is { } value)
            {
                // With the headers it is over the brokers' limit. The origin is still there to be read.
                letter.Headers.Add(OmittedHeader, Text(value.Length));
                letter.Value = null!;
            }
            catch (ProduceException<byte[], byte[]> e)
            {
                log.DeadLetterRetried(topic, attempt, pause, e.Error.Reason);
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private Headers Headers(ConsumeResult<byte[], byte[]> record, string reason)
    {
        var headers = new Headers();
        foreach (var header in record.Message.Headers ?? [])
        {
            headers.Add(header.Key, header.GetValueBytes());
        }
        headers.Add(ReasonHeader, Encoding.UTF8.GetBytes(reason));
        headers.Add(TopicHeader, Encoding.UTF8.GetBytes(record.Topic));
        headers.Add(PartitionHeader, Text(record.Partition.Value));
        headers.Add(OffsetHeader, Text(record.Offset.Value));
        headers.Add(TimeHeader, Encoding.UTF8.GetBytes(time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture)));
        return headers;
    }

    private static byte[] Text(long number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
