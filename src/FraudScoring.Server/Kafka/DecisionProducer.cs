using System.Text;
using System.Threading.Channels;
using Confluent.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf;
using Channel = System.Threading.Channels.Channel;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Writes decisions to Kafka, keyed by card token, without delaying replies: a bounded queue accepts them, and one background loop hands
/// them to the Kafka client. One loop keeps the order of each card's decisions.
/// </summary>
internal sealed class DecisionProducer : IDisposable
{
    private readonly KafkaClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger<DecisionProducer> _log;
    private readonly Channel<DecisionEvent> _queue;
    private readonly CancellationTokenSource _abandon = new();
    private DecisionDelivery? _delivery;
    private Task _loop = Task.CompletedTask;
    private volatile bool _stopping;
    private long _pending;

    public DecisionProducer(KafkaClients clients, TimeProvider time, ILogger<DecisionProducer> log)
    {
        _clients = clients;
        _time = time;
        _log = log;
        _queue = Channel.CreateBounded<DecisionEvent>(
            new BoundedChannelOptions(clients.Options.DecisionQueueCapacity) { SingleReader = true });
    }

    /// <summary>Decisions accepted and neither acknowledged nor dropped yet.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    /// <summary>Queues a decision. Never waits, never throws.</summary>
    /// <param name="decision">Must not be changed afterwards.</param>
    /// <returns>False if the queue is full or the service is stopping: the decision is dropped and counted.</returns>
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

    /// <summary>Starts the background loop. Kafka must be open.</summary>
    public void Start()
    {
        _delivery = new DecisionDelivery(_clients, _time, _log, Settle);
        _loop = Task.Run(() => RunAsync(_delivery, _abandon.Token), CancellationToken.None);
    }

    /// <summary>Accepts no more decisions, and waits up to Kafka:DrainTimeoutSeconds for the accepted ones to be delivered.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        if (_delivery is null)
        {
            // The producer was never started.
            return;
        }
        var limit = TimeSpan.FromSeconds(_clients.Options.DrainTimeoutSeconds);
        using var timeout = new CancellationTokenSource(limit, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _loop.WaitAsync(stop.Token);
            await Task.Run(() => _delivery.Flush(stop.Token), CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            await _abandon.CancelAsync();
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        // Disposed before counting: no acknowledgement can arrive after that.
        _delivery.Dispose();
        Report();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Close();
        _abandon.Cancel();
        _delivery?.Dispose();
    }

    private void Close()
    {
        _stopping = true;
        _queue.Writer.TryComplete();
    }

    private void Report()
    {
        var left = Pending;
        if (left == 0)
        {
            _log.DecisionsDrained(_clients.Options.DecisionsTopic);
            return;
        }
        Drop(left, "stopping");
        _log.DecisionsLost(left, _clients.Options.DecisionsTopic, _clients.Options.DrainTimeoutSeconds);
    }

    private async Task RunAsync(DecisionDelivery delivery, CancellationToken abandon)
    {
        await foreach (var decision in _queue.Reader.ReadAllAsync(abandon))
        {
            if (TryMakeRecord(decision, out var record))
            {
                await delivery.SendAsync(record, abandon);
            }
        }
    }

    private bool TryMakeRecord(DecisionEvent decision, out Message<byte[], byte[]> record)
    {
        try
        {
            // The client copies the bytes and accepts only whole arrays, so a rented buffer would add a copy instead of saving one.
            record = new Message<byte[], byte[]> { Value = decision.ToByteArray() };
            if (decision.Payment is { CardToken.Length: > 0 } payment)
            {
                record.Key = Encoding.UTF8.GetBytes(payment.CardToken);
            }
            return true;
        }
        catch (Exception e)
        {
            // Only a decision that its caller changes while it is serialized gets here; it must not end the loop for all others.
            _log.DecisionNotWritten(e);
            Drop(1, "unwritable");
            record = null!;
            return false;
        }
    }

    private void Drop(long count, string reason)
    {
        ServerMetrics.DecisionsDropped.WithLabels(reason).Inc(count);
        Settle(count);
    }

    private void Settle(long count)
    {
        Interlocked.Add(ref _pending, -count);
        ServerMetrics.DecisionQueueDepth.Dec(count);
    }
}
