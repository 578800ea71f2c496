using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// The Kafka client behind <see cref="DecisionProducer"/>: waits when the client's queue is full, counts delivered and lost decisions, and
/// replaces a client that has failed permanently. One caller at a time.
/// </summary>
/// <remarks>
/// The client is idempotent: within a partition, and so per card, decisions arrive once and in order even if it retries. The price is that
/// such a client cannot recover once brokers no longer know its sequence: every further call fails, and only a new client helps. What the
/// old one still held is counted as lost rather than sent again: part of it may be in the topic already, and would be written twice.
/// </remarks>
internal sealed class DecisionDelivery : IDisposable
{
    private static readonly TimeSpan BackPressurePause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BrokenClientFlush = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BrokenClientPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LossLogPause = TimeSpan.FromSeconds(10);

    private readonly KafkaClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<long> _settled;
    private readonly Action<DeliveryReport<byte[], byte[]>> _onDelivered;
    private IProducer<byte[], byte[]> _client;
    private long _inClient;
    private long? _lossLogged;

    /// <param name="clients">Creates the client.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="log">The log of losses.</param>
    /// <param name="settled">Receives the number of records that were just delivered or lost.</param>
    public DecisionDelivery(KafkaClients clients, TimeProvider time, ILogger log, Action<long> settled)
    {
        _clients = clients;
        _time = time;
        _log = log;
        _settled = settled;
        _onDelivered = OnDelivered;
        _client = NewClient();
    }

    private string Topic => _clients.Options.DecisionsTopic;

    /// <summary>Hands a record to the client. Waits while the client's queue is full.</summary>
    public async ValueTask SendAsync(Message<byte[], byte[]> record, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _client.Produce(Topic, record, _onDelivered);
                Interlocked.Increment(ref _inClient);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(BackPressurePause, _time, cancellationToken);
            }
            catch (ProduceException<byte[], byte[]> e) when (IsBroken(e.Error))
            {
                ReplaceClient(e.Error.Reason);
                await Task.Delay(BrokenClientPause, _time, cancellationToken);
            }
            catch (ProduceException<byte[], byte[]> e)
            {
                Lose(e.Error);
                return;
            }
        }
    }

    /// <summary>Waits until every record in the client is delivered or lost.</summary>
    public void Flush(CancellationToken cancellationToken) => _client.Flush(cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private IProducer<byte[], byte[]> NewClient() => _clients.Producer(config =>
    {
        config.DeliveryReportFields = "none";
        config.QueueBufferingMaxMessages = _clients.Options.ClientQueueCapacity;
    });

    // Records that the old client still holds may or may not be in the topic; sending them again could write them twice.
    private void ReplaceClient(string reason)
    {
        _log.DecisionClientReplaced(Topic, reason);
        _client.Flush(BrokenClientFlush);
        _client.Dispose();
        Drop(Interlocked.Exchange(ref _inClient, 0), "client_broken");
        _client = NewClient();
    }

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        Interlocked.Decrement(ref _inClient);
        if (report.Error.IsError)
        {
            Lose(report.Error);
            return;
        }
        ServerMetrics.DecisionsPublished.Inc();
        _settled(1);
    }

    private void Lose(Error error)
    {
        // An outage loses thousands of decisions for one reason: one log line per ten seconds, the counter has the number.
        var now = _time.GetTimestamp();
        if (_lossLogged is not { } logged || _time.GetElapsedTime(logged, now) >= LossLogPause)
        {
            _lossLogged = now;
            _log.DecisionNotDelivered(Topic, error.Reason);
        }
        Drop(1, error.Code switch
        {
            ErrorCode.Local_MsgTimedOut => "timed_out",
            ErrorCode.MsgSizeTooLarge => "too_large",
            _ => IsBroken(error) ? "client_broken" : "refused",
        });
    }

    private void Drop(long count, string reason)
    {
        ServerMetrics.DecisionsDropped.WithLabels(reason).Inc(count);
        _settled(count);
    }

    // An idempotent client that has lost its sequence in a partition fails every further call with the same error.
    private static bool IsBroken(Error error) => error.IsFatal
        || error.Code is ErrorCode.Local_Fatal or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced or ErrorCode.ClusterAuthorizationFailed;
}
