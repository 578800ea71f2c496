using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Kafka;

/// <summary>What became of a decision.</summary>
/// <param name="IsKept">True if it will be published. False if it was not kept, which is counted, or not within the limit.</param>
/// <param name="Late">After the limit: completes with true if the decision is kept and published all the same. Null otherwise.</param>
internal readonly record struct Publication(bool IsKept, Task<bool>? Late = null);

/// <summary>
/// Writes decisions to Kafka, keyed by card token, without delaying replies; see <see cref="Outbox{T}"/>. With Spool:Mode Acknowledge a
/// reply waits until its decision is on disk.
/// </summary>
internal sealed class DecisionProducer : IDisposable
{
    /// <summary>Header: the decision's id as text. Records with the same id are copies of one decision.</summary>
    public const string IdHeader = "decision-id";

    private readonly KafkaClients _clients;
    private readonly SpoolOptions _spool;
    private readonly TimeProvider _time;
    private readonly ILogger<DecisionProducer> _log;
    private readonly Outbox<Entry> _outbox;
    private long _pending;

    public DecisionProducer(
        KafkaClients clients, SpoolOptions spool, ErasedRecords erased, TimeProvider time, ILogger<DecisionProducer> log)
    {
        (_clients, _spool, _time, _log) = (clients, spool, time, log);
        var kafka = clients.Options;
        var settings = new OutboxSettings(
            kafka.DecisionsTopic, kafka.DecisionQueueCapacity, kafka.ClientQueueCapacity,
            TimeSpan.FromSeconds(kafka.DeliveryTimeoutSeconds), TimeSpan.FromSeconds(kafka.DrainTimeoutSeconds), spool);
        var reports = new OutboxReports(
            delivered => ServerMetrics.DecisionsPublished.Inc(delivered),
            (lost, reason) => ServerMetrics.DecisionsDropped.WithLabels(reason).Inc(lost),
            AddPending);
        _outbox = new Outbox<Entry>(settings, CreateRecord, erased, reports, time, log);
    }

    /// <summary>Decisions accepted and neither acknowledged nor lost yet, those in the spool included.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    /// <summary>True if a payment must not be answered without a record of its decision.</summary>
    public bool RequiresRecord => _spool.ActiveMode != SpoolMode.Off && _spool.WhenFull == SpoolFullAction.Refuse;

    /// <summary>True while the spool takes no decisions.</summary>
    public bool IsFull => _outbox.IsFull;

    /// <summary>Opens the spool. Adds a fault if it cannot be used.</summary>
    public void Open(Faults faults)
    {
        if (_spool.ActiveMode == SpoolMode.Off)
        {
            _log.SpoolOff();
        }
        else
        {
            ServerMetrics.SpoolMaxBytes.Set(_spool.MaxBytes);
        }
        _outbox.Open(faults);
    }

    /// <summary>Starts the delivery. Kafka must be open.</summary>
    public void Start() => _outbox.Start(_clients.Producer);

    /// <summary>Queues a decision. Waits only with Spool:Mode Acknowledge, until the decision is on disk.</summary>
    /// <param name="decision">Must not be changed afterwards.</param>
    /// <param name="limit">The longest wait.</param>
    public ValueTask<Publication> PublishAsync(DecisionEvent decision, TimeSpan limit)
    {
        if (_spool.ActiveMode != SpoolMode.Acknowledge)
        {
            return ValueTask.FromResult(new Publication(_outbox.TryAdd(new Entry(decision, null))));
        }
        var stored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _outbox.TryAdd(new Entry(decision, stored)) ? WaitAsync(stored.Task, limit) : ValueTask.FromResult(new Publication(false));
    }

    /// <summary>
    /// Accepts no more decisions, and waits up to Kafka:DrainTimeoutSeconds for the accepted ones to be delivered. The rest stays in the
    /// spool, or is lost without one.
    /// </summary>
    public Task StopAsync() => _outbox.StopAsync();

    /// <inheritdoc />
    public void Dispose() => _outbox.Dispose();

    private async ValueTask<Publication> WaitAsync(Task<bool> stored, TimeSpan limit)
    {
        try
        {
            return new Publication(await stored.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, _time));
        }
        catch (TimeoutException)
        {
            return new Publication(false, stored);
        }
    }

    private OutboxRecord? CreateRecord(Entry entry)
    {
        try
        {
            var decision = entry.Decision;
            // The client copies the bytes and accepts only whole arrays, so a rented buffer would add a copy instead of saving one.
            var content = new SpooledRecord(
                _clients.Options.DecisionsTopic,
                decision.Payment is { CardToken.Length: > 0 } payment ? Encoding.UTF8.GetBytes(payment.CardToken) : null,
                decision.ToByteArray(), HeadersOf(decision));
            return new OutboxRecord(content, entry.Stored);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Only a decision that its caller changes while it is serialized gets here; it must not end the delivery of all others.
            _log.DecisionNotWritten(e);
            ServerMetrics.DecisionsDropped.WithLabels("unwritable").Inc();
            AddPending(-1);
            entry.Stored?.TrySetResult(false);
            return null;
        }
    }

    private static byte[] HeadersOf(DecisionEvent decision) => decision.Assessment is { DecisionId.Length: > 0 } assessment
        ? SpooledHeaders.Write((IdHeader, Encoding.UTF8.GetBytes(assessment.DecisionId)))
        : [];

    private void AddPending(long change)
    {
        Interlocked.Add(ref _pending, change);
        ServerMetrics.DecisionQueueDepth.Inc(change);
    }

    private readonly record struct Entry(DecisionEvent Decision, TaskCompletionSource<bool>? Stored);
}
