using System.Collections.Concurrent;
using Confluent.Kafka;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// The Kafka client of an <see cref="Outbox{T}"/>, and its replacement when it has failed. Used by the outbox's thread alone.
/// </summary>
/// <remarks>
/// The client is idempotent: within a partition, and so per card, records arrive once and in order even if it retries. Such a client
/// cannot recover once brokers no longer know its sequence: every further call fails, and only a new client helps. Records that the old
/// one still held may or may not be in the topic. They are sent again, with the same decision id.
/// </remarks>
internal sealed class OutboxClient : IDisposable
{
    private readonly KafkaClients _clients;
    private readonly int _capacity, _timeoutMs;
    private readonly ConcurrentQueue<(OutboxRecord Record, Error Error)> _failed = new();
    private IProducer<byte[], byte[]> _client;
    private int _inFlight;

    /// <param name="clients">Creates the client.</param>
    /// <param name="capacity">Most records in the client.</param>
    /// <param name="timeoutMs">When the client gives a record up, in milliseconds; 0 for never.</param>
    public OutboxClient(KafkaClients clients, int capacity, int timeoutMs)
    {
        (_clients, _capacity, _timeoutMs) = (clients, capacity, timeoutMs);
        _client = Create();
    }

    /// <summary>Records in the client.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>True if the client takes no more records for now.</summary>
    public bool IsFull => InFlight >= _capacity;

    /// <summary>Hands a record to the client.</summary>
    /// <returns>Null if the client has it; else why not.</returns>
    public Error? TrySend(OutboxRecord record)
    {
        record.State = OutboxState.InClient;
        Interlocked.Increment(ref _inFlight);
        try
        {
            _client.Produce(record.Content.Topic, record.ToMessage(), report => Report(record, report.Error));
            return null;
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            record.State = OutboxState.Waiting;
            Interlocked.Decrement(ref _inFlight);
            return e.Error;
        }
    }

    /// <summary>Takes a record that the client gave up.</summary>
    public bool TryTakeFailed(out OutboxRecord record, out Error error)
    {
        var isTaken = _failed.TryDequeue(out var failed);
        (record, error) = failed;
        return isTaken;
    }

    /// <summary>Disposes of the client, without waiting for the records it holds, and creates a new one.</summary>
    public void Replace()
    {
        _client.Dispose();
        _failed.Clear();
        Volatile.Write(ref _inFlight, 0);
        _client = Create();
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    // The report's record is captured per call: the client gives back the message, but not its place in the outbox.
    private void Report(OutboxRecord record, Error error)
    {
        if (error.IsError)
        {
            record.State = OutboxState.Failed;
            _failed.Enqueue((record, error));
        }
        else
        {
            record.State = OutboxState.Delivered;
        }
        Interlocked.Decrement(ref _inFlight);
    }

    private IProducer<byte[], byte[]> Create() => _clients.Producer(config =>
    {
        config.DeliveryReportFields = "none";
        config.QueueBufferingMaxMessages = _capacity;
        config.MessageTimeoutMs = _timeoutMs;
    });
}
