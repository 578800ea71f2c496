using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Keeps the dead letters of one topic on disk while they cannot be delivered, and delivers them in order once they can.
/// </summary>
/// <remarks>
/// Not an <see cref="Outbox{T}"/>: dead letters are few, and each is on disk before its consumer goes on. One attempt per second shows when
/// the topic can be written again. A letter that was delivered and not deleted yet is delivered again after a crash.
/// </remarks>
internal sealed class DeadLetterSpool : IAsyncDisposable
{
    private const int MostRead = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _source;
    private readonly SpoolQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    // The queue serves one caller at a time.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _delivery = Task.CompletedTask;
    // Delivered letters leave the file a little later.
    private long _delivered;

    private DeadLetterSpool(string source, SpoolQueue queue, TimeProvider time, ILogger log)
    {
        (_source, _queue, _time, _log) = (source, queue, time, log);
        _queue.Loaded = () => _delivered;
        _queue.Lost = (count, _) => ServerMetrics.DeadLettersFailed.WithLabels(source).Inc(count);
        ServerMetrics.DeadLettersFailed.WithLabels(source).Inc(queue.DamagedAtOpen);
        Report();
    }

    /// <summary>Opens the spool of a dead-letter topic.</summary>
    /// <param name="source">The topic that the records come from.</param>
    /// <param name="topic">Their dead-letter topic.</param>
    /// <param name="options">The section "Spool", with a folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="faults">Receives a fault if the file cannot be used.</param>
    /// <returns>Null after a fault.</returns>
    public static DeadLetterSpool? Open(
        string source, string topic, SpoolOptions options, TimeProvider time, ILogger log, Faults faults)
    {
        var path = Path.Combine(Path.GetFullPath(options.Folder), topic + ".db");
        return SpoolQueue.Open(topic, path, options, time, log, faults) is { } queue
            ? new DeadLetterSpool(source, queue, time, log)
            : null;
    }

    /// <summary>Starts the delivery.</summary>
    /// <param name="write">Writes a letter to its topic, and waits for the brokers; throws <see cref="KafkaException"/>.</param>
    public void Start(Func<string, Message<byte[], byte[]>, CancellationToken, Task> write) =>
        _delivery = Task.Run(() => DeliverAsync(write, _stop.Token));

    /// <summary>Keeps a letter.</summary>
    /// <returns>False if the spool is full or its disk fails.</returns>
    public async Task<bool> TryAddAsync(string topic, Message<byte[], byte[]> letter, CancellationToken cancellationToken)
    {
        var headers = letter.Headers.Select(header => (header.Key, (byte[]?)header.GetValueBytes())).ToArray();
        var record = new SpooledRecord(topic, letter.Key, letter.Value, SpooledHeaders.Write(headers));
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _queue.TryAppend([record], out _);
        }
        finally
        {
            Report();
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _delivery;
        _queue.Dispose();
        _gate.Dispose();
        _stop.Dispose();
    }

    private async Task DeliverAsync(Func<string, Message<byte[], byte[]>, CancellationToken, Task> write, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // More than one batch may be waiting: the pause is for a topic that cannot be written.
                while (await DeliverBatchAsync(write, stop))
                {
                }
                await Task.Delay(Interval, _time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A bug, or a file that cannot be replaced. The letters stay where they are.
                ServerMetrics.OutboxFailures.WithLabels(_source).Inc();
                _log.OutboxFailed(_source, Interval, e);
                await Task.Delay(Interval, _time, CancellationToken.None);
            }
        }
    }

    /// <returns>True if everything that was read is delivered, and there may be more.</returns>
    private async Task<bool> DeliverBatchAsync(Func<string, Message<byte[], byte[]>, CancellationToken, Task> write, CancellationToken stop)
    {
        var rows = new List<SpoolRow>();
        await UseAsync(queue => queue.Read(Math.Max(_delivered, queue.First - 1), MostRead, rows));
        var isDelivered = rows.Count > 0;
        try
        {
            foreach (var row in rows)
            {
                await DeliverAsync(write, row, stop);
                _delivered = row.Seq;
            }
        }
        catch (KafkaException)
        {
            // The topic cannot be written yet.
            isDelivered = false;
        }
        finally
        {
            await UseAsync(queue =>
            {
                queue.Delete(_delivered);
                queue.Tidy();
            });
        }
        return isDelivered;
    }

    /// <summary>Delivers a letter, or drops it if the topic refuses such a record: it would hold up all others.</summary>
    private async Task DeliverAsync(
        Func<string, Message<byte[], byte[]>, CancellationToken, Task> write, SpoolRow row, CancellationToken stop)
    {
        if (!row.IsReadable)
        {
            ServerMetrics.DeadLettersFailed.WithLabels(_source).Inc();
            _log.SpoolRecordUnreadable(row.Seq, row.Record.Topic);
            return;
        }
        try
        {
            await write(row.Record.Topic, OutboxRecord.ToMessage(row.Record), stop);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsg or ErrorCode.InvalidRecord)
        {
            ServerMetrics.DeadLettersFailed.WithLabels(_source).Inc();
            _log.DeadLetterRefused(row.Record.Topic, e.Error.Reason);
        }
    }

    private async Task UseAsync(Action<SpoolQueue> use)
    {
        await _gate.WaitAsync();
        try
        {
            use(_queue);
            Report();
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Report() => ServerMetrics.DeadLettersWaiting.WithLabels(_source).Set(_queue.Count);
}
