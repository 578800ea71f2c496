using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// The records of an <see cref="Outbox{T}"/> in memory, in order: those in the Kafka client, and behind them those that wait for it.
/// </summary>
internal sealed class OutboxWindow
{
    private readonly Queue<OutboxRecord> _records = new();
    private Queue<OutboxRecord> _waiting = new();
    private long _droppedThrough;

    public int Count => _records.Count;

    /// <summary>True if some records are not in the client.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>True if the record is not in the spool: it never was, or was deleted there to make room.</summary>
    public bool IsOnlyHere(OutboxRecord record) => record.Seq <= _droppedThrough;

    /// <summary>Notes that the spool has deleted records up to a number to make room.</summary>
    /// <returns>How many of them are in memory.</returns>
    public int Drop(long through)
    {
        var count = _records.Count(record => record.Seq > _droppedThrough && record.Seq <= through);
        _droppedThrough = through;
        return count;
    }

    /// <summary>The oldest record; null if there is none.</summary>
    public OutboxRecord? Oldest => _records.TryPeek(out var oldest) ? oldest : null;

    /// <summary>Records that are only in memory and that the spool has not had yet, oldest first.</summary>
    public IEnumerable<OutboxRecord> Unstored => _records.Where(record => record.Seq == 0 && !record.IsSettled);

    /// <summary>Records that are also in the spool, oldest first.</summary>
    public IEnumerable<SpoolRow> Stored => _records
        .Where(record => !IsOnlyHere(record) && !record.IsSettled)
        .Select(record => new SpoolRow(record.Seq, record.Content));

    public void Add(IReadOnlyList<OutboxRecord> records)
    {
        foreach (var record in records)
        {
            _records.Enqueue(record);
            _waiting.Enqueue(record);
        }
    }

    /// <summary>Records that are lost if the process ends now.</summary>
    public int OnlyHere => _records.Count(record => IsOnlyHere(record) && !record.IsSettled);

    /// <summary>Records that were delivered before an older one.</summary>
    public int DeliveredAhead => _records.Count(record => record.State == OutboxState.Delivered);

    /// <summary>The next record for the client; null if all are there.</summary>
    public OutboxRecord? NextWaiting => _waiting.TryPeek(out var next) ? next : null;

    public void RemoveWaiting() => _waiting.Dequeue();

    /// <summary>Lets every record that is not settled wait for a new client.</summary>
    public void SendAgain()
    {
        var open = _records.Where(record => !record.IsSettled).ToList();
        open.ForEach(record => record.State = OutboxState.Waiting);
        _waiting = new Queue<OutboxRecord>(open);
    }

    /// <summary>Removes the oldest record if it is settled; null otherwise. A settled record behind an open one stays.</summary>
    public OutboxRecord? TakeSettled() => Oldest is { IsSettled: true } ? _records.Dequeue() : null;
}
