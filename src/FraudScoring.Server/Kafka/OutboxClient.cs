using System.Collections.Concurrent;
using Confluent.Kafka;

namespace FraudScoring.Server.Kafka;

/// <summary>Creates a Kafka client.</summary>
/// <param name="tune">Changes its settings.</param>
internal delegate IProducer<byte[], byte[]> ClientFactory(Action<ProducerConfig> tune);

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
    private readonly ClientFactory _create;
    private readonly int _capacity, _timeoutMs;
    private readonly ConcurrentQueue<(OutboxRecord Record, Error Error)> _failed = new();
    private IProducer<byte[], byte[]>? _client;
    private int _inFlight;

    /// <param name="create">Creates the client.</param>
    /// <param name="capacity">Most records in the client.</param>
    /// <param name="timeoutMs">When the client gives a record up, in milliseconds; 0 for never.</param>
    public OutboxClient(ClientFactory create, int capacity, int timeoutMs)
    {
        (_create, _capacity, _timeoutMs) = (create, capacity, timeoutMs);
        Open();
    }

    /// <summary>Records in the client.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>True if the client takes no more records for now.</summary>
    public bool IsFull => InFlight >= _capacity;

    /// <summary>
    /// Creates the client, unless there is one. Throws whatever the creation throws, such as for a certificate that is just being replaced.
    /// </summary>
    public void Open() => _client ??= Create();

    /// <summary>Hands a record to the client, which must be open.</summary>
    /// <returns>Null if the client has it; else why not.</returns>
    public Error? TrySend(OutboxRecord record)
    {
        record.State = OutboxState.InClient;
        Interlocked.Increment(ref _inFlight);
        try
        {
            _client!.Produce(record.Content.Topic, record.ToMessage(), report => Report(record, report.Error));
            return null;
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            TakeBack(record);
            return e.Error;
        }
        catch
        {
            TakeBack(record);
            throw;
        }
    }

    /// <summary>Takes a record that the client gave up.</summary>
    public bool TryTakeFailed(out OutboxRecord record, out Error error)
    {
        var isTaken = _failed.TryDequeue(out var failed);
        (record, error) = failed;
        return isTaken;
    }

    /// <summary>
    /// Disposes of the client, without waiting for the records it holds. The next one is created after that: where threads are limited,
    /// there may not be room for both.
    /// </summary>
    public void Close()
    {
        Dispose();
        _client = null;
        _failed.Clear();
        Volatile.Write(ref _inFlight, 0);
    }

    /// <inheritdoc />
    public void Dispose() => _client?.Dispose();

    private void TakeBack(OutboxRecord record)
    {
        record.State = OutboxState.Waiting;
        Interlocked.Decrement(ref _inFlight);
    }

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

    private IProducer<byte[], byte[]> Create() => _create(config =>
    {
        config.DeliveryReportFields = "none";
        config.QueueBufferingMaxMessages = _capacity;
        config.MessageTimeoutMs = _timeoutMs;
    });
}
