using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>The records that an <see cref="Outbox{T}"/> has taken from its queue and neither stored nor handed to its window yet.</summary>
/// <param name="create">Makes a record of an entry; null if it cannot, which it reports itself.</param>
/// <param name="losses">Receives entries that cannot become records, and refused records.</param>
/// <param name="time">The clock.</param>
internal sealed class OutboxBatch<T>(Func<T, OutboxRecord?> create, OutboxLosses losses, TimeProvider time)
{
    /// <summary>Most records in a batch.</summary>
    public const int MaxRecords = 500;

    private const int MaxBytes = 128 * 1024;

    private readonly List<OutboxRecord> _records = [];

    public IReadOnlyList<OutboxRecord> Records => _records;

    public int Count => _records.Count;

    /// <summary>The counts of the spool; null without one.</summary>
    public SpoolCounts? Counts { get; set; }

    /// <summary>Takes entries from a queue until the batch is full.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="most">Most records in the batch; at most <see cref="MaxRecords"/>.</param>
    public void Take(OutboxQueue<T> queue, int most)
    {
        for (var bytes = 0; Count < Math.Min(most, MaxRecords) && bytes < MaxBytes && queue.TryTake(out var entry);)
        {
            try
            {
                if (create(entry) is { } record)
                {
                    record.TakenAt = time.GetTimestamp();
                    _records.Add(record);
                    bytes += record.Content.Value?.Length ?? 0;
                    continue;
                }
            }
            catch
            {
                Counts?.Settle(1);
                losses.Count(1, "unwritable");
                throw;
            }
            Counts?.Settle(1);
        }
    }

    /// <summary>Empties the batch: its records are kept elsewhere.</summary>
    public void Clear() => _records.Clear();

    /// <summary>Drops the records, whose callers wait; they answer that the record was not kept.</summary>
    public void Refuse()
    {
        AnswerNo();
        Counts?.Settle(Count);
        losses.Count(Count, "spool_full");
        Clear();
    }

    /// <summary>Lets callers that wait answer that the record was not kept.</summary>
    public void AnswerNo() => _records.ForEach(record => record.Answer(false));
}
