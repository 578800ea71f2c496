using System.Text;
using System.Threading.Channels;
using Confluent.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf;
using Channel = System.Threading.Channels.Channel;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Writes decisions to Kafka, keyed by card token, without anyone waiting for it: a bounded queue takes them, and one loop in the
/// background hands them to the Kafka client.
/// </summary>
internal sealed class DecisionProducer : IHostedService, IDisposable
{
    private static readonly TimeSpan BackPressurePause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BrokenClientLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LossLogPause = TimeSpan.FromSeconds(10);

    private readonly KafkaClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger<DecisionProducer> _log;
    private readonly Channel<DecisionEvent> _queue;
    private readonly CancellationTokenSource _abandon = new();
    private readonly Action<DeliveryReport<byte[], byte[]>> _onDelivered;
    private IProducer<byte[], byte[]>? _client;
    private Task _loop = Task.CompletedTask;
    private volatile bool _stopping;
    private long _pending;
    private long _inClient;
    private long _lossLogged;

    public DecisionProducer(KafkaClients clients, TimeProvider time, ILogger<DecisionProducer> log)
    {
        _clients = clients;
        _time = time;
        _log = log;
        _onDelivered = OnDelivered;
        _queue = Channel.CreateBounded<DecisionEvent>(new BoundedChannelOptions(clients.Options.DecisionQueueCapacity) { SingleReader = true });
    }

    /// <summary>Decisions accepted and neither acknowledged nor dropped yet.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    private string Topic => _clients.Options.DecisionsTopic;

    /// <summary>Takes a decision to be written. Never waits, never throws.</summary>
    /// <param name="decision">Not to be changed afterwards.</param>
    /// <returns>False when the queue is full or the service stops: the decision is dropped, and counted.</returns>
    public bool Publish(DecisionEvent decision)
    {
        if (_queue.Writer.TryWrite(decision))
        {
            Interlocked.Increment(ref _pending);
            ServerMetrics.DecisionQueueDepth.Inc();
            return true;
        }
        ServerMetrics.DecisionsDropped.WithLabels(_stopping ? "stopping" : "queue_full").Inc();
        return false;
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _client = NewClient();
        _loop = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more decisions and waits, within the drain timeout, for those taken to be delivered.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _queue.Writer.TryComplete();
        var limit = TimeSpan.FromSeconds(_clients.Options.DrainTimeoutSeconds);
        using var timeout = new CancellationTokenSource(limit, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _loop.WaitAsync(stop.Token);
            await Task.Run(() => _client?.Flush(stop.Token), CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            await _abandon.CancelAsync();
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        CloseClient();
        Report(limit);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping = true;
        _queue.Writer.TryComplete();
        _abandon.Cancel();
        CloseClient();
    }

    private void CloseClient()
    {
        _client?.Dispose();
        _client = null;
    }

    private void Report(TimeSpan limit)
    {
        var left = Pending;
        if (left == 0)
        {
            _log.DecisionsDrained(Topic);
            return;
        }
        Drop(left, "stopping");
        _log.DecisionsLeft(left, Topic, limit);
    }

    private async Task RunAsync()
    {
        await foreach (var decision in _queue.Reader.ReadAllAsync(_abandon.Token))
        {
            if (TryMakeRecord(decision, out var record))
            {
                await HandOverAsync(record, _abandon.Token);
            }
        }
    }

    private bool TryMakeRecord(DecisionEvent decision, out Message<byte[], byte[]> record)
    {
        try
        {
            // The client copies the bytes and takes whole arrays only, so a rented buffer would cost one copy more, not one less.
            record = new Message<byte[], byte[]> { Value = decision.ToByteArray() };
            if (decision.Payment is { CardToken.Length: > 0 } payment)
            {
                record.Key = Encoding.UTF8.GetBytes(payment.CardToken);
            }
            return true;
        }
        catch (Exception e)
        {
            // Only a decision changed while it was written gets here; it must not end the loop for all others.
            _log.DecisionNotWritten(e);
            Drop(1, "unwritable");
            record = null!;
            return false;
        }
    }

    private async ValueTask HandOverAsync(Message<byte[], byte[]> record, CancellationToken abandon)
    {
        while (true)
        {
            try
            {
                Interlocked.Increment(ref _inClient);
                _client!.Produce(Topic, record, _onDelivered);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                Interlocked.Decrement(ref _inClient);
                await Task.Delay(BackPressurePause, _time, abandon);
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.IsFatal || e.Error.Code == ErrorCode.Local_Fatal)
            {
                Interlocked.Decrement(ref _inClient);
                ReplaceClient(e.Error.Reason);
            }
            catch (ProduceException<byte[], byte[]> e)
            {
                Lose(e.Error);
                return;
            }
        }
    }

    private IProducer<byte[], byte[]> NewClient() => _clients.Producer(config =>
    {
        config.DeliveryReportFields = "none";
        config.QueueBufferingMaxMessages = _clients.Options.ClientQueueCapacity;
    });

    private void ReplaceClient(string reason)
    {
        _log.DecisionClientReplaced(Topic, reason);
        _client!.Flush(BrokenClientLimit);
        _client.Dispose();
        Drop(Interlocked.Exchange(ref _inClient, 0), "client_broken");
        _client = NewClient();
    }

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            Lose(report.Error);
            return;
        }
        Interlocked.Decrement(ref _inClient);
        Interlocked.Decrement(ref _pending);
        ServerMetrics.DecisionQueueDepth.Dec();
        ServerMetrics.DecisionsPublished.Inc();
    }

    private void Lose(Error error)
    {
        Interlocked.Decrement(ref _inClient);
        // An outage loses decisions by the thousand for one reason; the counter has the number.
        var now = _time.GetTimestamp();
        if (_lossLogged == 0 || _time.GetElapsedTime(_lossLogged, now) >= LossLogPause)
        {
            _lossLogged = now;
            _log.DecisionNotDelivered(Topic, error.Reason);
        }
        Drop(1, error.Code switch
        {
            ErrorCode.Local_MsgTimedOut => "timed_out",
            ErrorCode.MsgSizeTooLarge => "too_large",
            _ => error.IsFatal || error.Code == ErrorCode.Local_Fatal ? "client_broken" : "refused",
        });
    }

    private void Drop(long count, string reason)
    {
        Interlocked.Add(ref _pending, -count);
        ServerMetrics.DecisionQueueDepth.Dec(count);
        ServerMetrics.DecisionsDropped.WithLabels(reason).Inc(count);
    }
}
