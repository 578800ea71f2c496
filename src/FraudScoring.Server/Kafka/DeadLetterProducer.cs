using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Resilience;
using Polly;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Copies records that cannot be used to the dead-letter topic of their topic: key, value and headers unchanged, plus headers with the
/// reason and the origin. Delivery is at least once.
/// </summary>
internal sealed class DeadLetterProducer(KafkaClients clients, TimeProvider time, ILogger<DeadLetterProducer> log) : IDisposable
{
    /// <summary>Header: the reason.</summary>
    public const string ReasonHeader = "dead-letter-reason";

    /// <summary>Header: the topic the record was read from.</summary>
    public const string TopicHeader = "dead-letter-topic";

    /// <summary>Header: the partition it was read from, decimal.</summary>
    public const string PartitionHeader = "dead-letter-partition";

    /// <summary>Header: its offset in that partition, decimal.</summary>
    public const string OffsetHeader = "dead-letter-offset";

    /// <summary>Header: when the dead letter was made, ISO 8601 in UTC.</summary>
    public const string TimeHeader = "dead-letter-time";

    /// <summary>
    /// Header: size in bytes of a value that was omitted because the record exceeded the brokers' size limit. Absent otherwise.
    /// </summary>
    public const string OmittedHeader = "dead-letter-omitted-bytes";

    private const int LargestRecord = 64 * 1024 * 1024;

    private readonly Lazy<IProducer<byte[], byte[]>> _client = new(() => clients.Producer(config =>
    {
        // An idempotent client can fail permanently. Without idempotence a record may be written twice, but a retry can always succeed.
        config.EnableIdempotence = false;
        config.LingerMs = 0;
        config.MessageMaxBytes = LargestRecord;
    }));

    // Of a failed delivery the client says which topic it was for.
    private readonly ResiliencePipeline _retry = EndlessRetry.Create<ProduceException<byte[], byte[]>>(
        time, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), _ => true,
        (failure, attempts, pause) => log.DeadLetterRetried(failure.DeliveryResult.Topic, attempts, pause, failure.Error.Reason));

    /// <summary>
    /// Writes a record to its dead-letter topic and waits for the brokers' acknowledgement; retries with pauses that grow from 100 ms to
    /// 10 s.
    /// </summary>
    /// <param name="record">The record as it was read.</param>
    /// <param name="kind">The kind of fault: a value of few, because it labels a metric.</param>
    /// <param name="reason">Every fault of the record, without the record's values.</param>
    /// <param name="cancellationToken">Ends the wait; the dead letter may or may not have been written.</param>
    /// <exception cref="OperationCanceledException">Cancelled before a broker acknowledged the record.</exception>
    public async Task PublishAsync(ConsumeResult<byte[], byte[]> record, string kind, string reason, CancellationToken cancellationToken)
    {
        log.DeadLetter(record.Topic, record.Partition.Value, record.Offset.Value, reason);
        var topic = clients.Options.DeadLetterTopic(record.Topic);
        var source = record.Message;
        var letter = new Message<byte[], byte[]> { Key = source.Key, Value = source.Value, Headers = Headers(record, reason) };
        await _retry.ExecuteAsync(async stop => await WriteAsync(topic, letter, stop), cancellationToken);
        ServerMetrics.DeadLetters.WithLabels(record.Topic, kind).Inc();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private async Task WriteAsync(string topic, Message<byte[], byte[]> letter, CancellationToken cancellationToken)
    {
        try
        {
            await _client.Value.ProduceAsync(topic, letter, cancellationToken);
        }
        catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge && letter.Value is { } value)
        {
            // With the added headers the record exceeds the brokers' limit. The value can still be read at its origin.
            letter.Headers.Add(OmittedHeader, Text(value.Length));
            letter.Value = null!;
            await _client.Value.ProduceAsync(topic, letter, cancellationToken);
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
