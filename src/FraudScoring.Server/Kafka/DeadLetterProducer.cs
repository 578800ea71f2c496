using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Copies records that cannot be used to the dead-letter topic of their topic: key, value and headers unchanged, plus headers with the
/// reason and the origin. Delivery is at least once: while the topic cannot be written, letters are kept in the spool. Without a spool, or
/// when it is full, they are only logged.
/// </summary>
internal sealed class DeadLetterProducer(KafkaClients clients, SpoolOptions spool, TimeProvider time, ILogger<DeadLetterProducer> log)
    : IAsyncDisposable
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
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(2);

    private readonly Lazy<IProducer<byte[], byte[]>> _client = new(() => clients.Producer(config =>
    {
        // An idempotent client can fail permanently. Without idempotence a record may be written twice, but a retry can always succeed.
        config.EnableIdempotence = false;
        config.LingerMs = 0;
        config.MessageMaxBytes = LargestRecord;
        // The consumer waits for an attempt: brokers that are away, or a topic that does not exist, must show within seconds.
        config.MessageTimeoutMs = 5000;
        config.TopicMetadataPropagationMaxMs = 2000;
        config.TopicMetadataRefreshIntervalMs = 2000;
    }));

    private readonly ConcurrentDictionary<string, DeadLetterRoute> _routes = [];
    private readonly Dictionary<string, DeadLetterSpool> _spools = [];

    /// <summary>Opens the spools. Adds a fault for each that cannot be used.</summary>
    public void Open(Faults faults)
    {
        if (spool.ActiveMode == SpoolMode.Off)
        {
            return;
        }
        foreach (var source in new[] { clients.Options.TransactionsTopic, clients.Options.LabelsTopic })
        {
            var topic = clients.Options.DeadLetterTopic(source);
            if (DeadLetterSpool.Open(source, topic, spool, time, log, faults) is { } opened)
            {
                _spools.Add(topic, opened);
            }
        }
    }

    /// <summary>Starts the delivery of what is in the spools. Kafka must be open.</summary>
    public void Start()
    {
        foreach (var opened in _spools.Values)
        {
            opened.Start(WriteAsync);
        }
    }

    /// <summary>
    /// Writes a record to its dead-letter topic and waits for the brokers' acknowledgement. A letter that cannot be delivered in
    /// Kafka:DeadLetterAttempts attempts goes to the spool, so that the consumer goes on.
    /// </summary>
    /// <param name="record">The record as it was read.</param>
    /// <param name="kind">The kind of fault: a value of few, because it labels a metric.</param>
    /// <param name="reason">Every fault of the record, without the record's values.</param>
    /// <param name="cancellationToken">Ends the wait; the dead letter may or may not have been written.</param>
    /// <returns>False if the letter was neither delivered nor kept in the spool.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before a broker acknowledged the record.</exception>
    public async Task<bool> PublishAsync(
        ConsumeResult<byte[], byte[]> record, string kind, string reason, CancellationToken cancellationToken)
    {
        log.DeadLetter(record.Topic, record.Partition.Value, record.Offset.Value, reason);
        var topic = clients.Options.DeadLetterTopic(record.Topic);
        var source = record.Message;
        var letter = new Message<byte[], byte[]> { Key = source.Key, Value = source.Value, Headers = Headers(record, reason) };
        if (await TryWriteAsync(topic, letter, cancellationToken) is { } failure
            && !await TryKeepAsync(record, topic, letter, failure, cancellationToken))
        {
            return false;
        }
        ServerMetrics.DeadLetters.WithLabels(record.Topic, kind).Inc();
        return true;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _spools.Values)
        {
            await opened.DisposeAsync();
        }
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    /// <summary>Keeps a letter in the spool. Without one, or if it is full, the record can still be read where it was.</summary>
    private async Task<bool> TryKeepAsync(
        ConsumeResult<byte[], byte[]> record, string topic, Message<byte[], byte[]> letter, string failure, CancellationToken stop)
    {
        if (_spools.TryGetValue(topic, out var opened) && await opened.TryAddAsync(topic, letter, stop))
        {
            log.DeadLetterKept(record.Topic, record.Partition.Value, record.Offset.Value, topic, failure);
            return true;
        }
        ServerMetrics.DeadLettersFailed.WithLabels(record.Topic).Inc();
        log.DeadLetterGivenUp(record.Topic, record.Partition.Value, record.Offset.Value, topic, failure);
        return false;
    }

    /// <summary>Writes a letter in as many attempts as its topic's state allows.</summary>
    /// <returns>Why the last attempt failed; null if the letter was delivered.</returns>
    private async Task<string?> TryWriteAsync(string topic, Message<byte[], byte[]> letter, CancellationToken cancellationToken)
    {
        var route = _routes.GetOrAdd(topic, _ => new DeadLetterRoute(time));
        var (left, failures, pause) = (route.Attempts(clients.Options.DeadLetterAttempts), 0, FirstPause);
        var failure = "earlier letters could not be delivered either; the topic is tried again every second";
        while (left-- > 0)
        {
            try
            {
                await WriteAsync(topic, letter, cancellationToken);
                route.Report(isDelivered: true);
                return null;
            }
            catch (ProduceException<byte[], byte[]> e)
            {
                failure = e.Error.Reason;
                route.Report(isDelivered: false);
            }
            if (left > 0)
            {
                log.DeadLetterRetried(topic, ++failures, pause, failure);
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        return failure;
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
