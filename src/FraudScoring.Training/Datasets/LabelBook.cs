using FraudScoring.V1;

namespace FraudScoring.Training.Datasets;

/// <summary>The labels of each payment of a log, with the times they became known, and the log's time span.</summary>
/// <remarks>
/// Labels arrive hours to weeks after their payments, and may be corrected. A model may only learn from labels that were known at the time
/// it is supposed to be trained, but is tested against what became known in the end: hence two questions, <see cref="IsKnownFraud"/> and
/// <see cref="IsFraud"/>. At any time a payment is what its latest label by then says; of two labels at the same time, fraud is the later.
/// </remarks>
internal sealed class LabelBook
{
    private readonly Dictionary<string, (long TimeMs, bool Fraud)> _only = [];
    // Few payments are labelled more than once; they alone have a list, which then holds all their labels in order.
    private readonly Dictionary<string, List<(long TimeMs, bool Fraud)>> _several = [];
    private readonly List<(long PaidMs, long DelayMs)> _fraudDelays = [];

    /// <summary>Event time of the first payment, milliseconds since the Unix epoch.</summary>
    public long FirstMs { get; private set; } = long.MaxValue;

    /// <summary>Event time of the last payment, milliseconds since the Unix epoch.</summary>
    public long LastMs { get; private set; } = long.MinValue;

    public int Payments { get; private set; }

    /// <summary>Median time from a payment to the first label that reports it as fraud, in milliseconds; 0 without fraud labels.</summary>
    public long MedianFraudDelayMs =>
        _fraudDelays.Count == 0 ? 0 : _fraudDelays.Select(label => label.DelayMs).Order().ElementAt((_fraudDelays.Count - 1) / 2);

    /// <summary>
    /// For each payment reported as fraud, its event time (milliseconds since the Unix epoch), and the time from it to the first label that
    /// reports it, in milliseconds.
    /// </summary>
    public IReadOnlyList<(long PaidMs, long DelayMs)> FraudDelays => _fraudDelays;

    /// <summary>Time of the last label, milliseconds since the Unix epoch.</summary>
    public long LastLabelMs { get; private set; } = long.MinValue;

    /// <summary>Reads a log once and collects its labels and time span.</summary>
    public static LabelBook Create(IEnumerable<EventLogRecord> records)
    {
        var book = new LabelBook();
        foreach (var record in records)
        {
            if (record.EventCase == EventLogRecord.EventOneofCase.Label)
            {
                book.Record(record.Label);
                continue;
            }
            var time = record.Transaction.Payment.EventTime?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0;
            book.FirstMs = Math.Min(book.FirstMs, time);
            book.LastMs = Math.Max(book.LastMs, time);
            book.Payments++;
        }
        return book;
    }

    /// <summary>True if the payment is labelled fraud by the end of the log.</summary>
    public bool IsFraud(string transactionId) => IsKnownFraud(transactionId, long.MaxValue);

    /// <summary>True if the payment was labelled fraud at a time (milliseconds since the Unix epoch).</summary>
    public bool IsKnownFraud(string transactionId, long asOfMs)
    {
        if (!_several.TryGetValue(transactionId, out var labels))
        {
            return _only.TryGetValue(transactionId, out var label) && label.Fraud && label.TimeMs <= asOfMs;
        }
        var newest = labels.FindLastIndex(label => label.TimeMs <= asOfMs);
        return newest >= 0 && labels[newest].Fraud;
    }

    /// <summary>When the payment became known as fraud, and when that changed.</summary>
    public FraudTimes TimesOf(string transactionId)
    {
        if (!_several.TryGetValue(transactionId, out var labels))
        {
            return new FraudTimes(_only.TryGetValue(transactionId, out var label) && label.Fraud ? label.TimeMs : long.MaxValue);
        }
        var (changes, fraud) = (new List<long>(), false);
        foreach (var label in labels.Where(label => label.Fraud != fraud))
        {
            changes.Add(label.TimeMs);
            fraud = !fraud;
        }
        return changes.Count == 0 ? new FraudTimes(long.MaxValue) : new FraudTimes(changes[0]) { Changes = [.. changes[1..]] };
    }

    private void Record(LabelEvent label)
    {
        var id = label.TransactionId;
        (long TimeMs, bool Fraud) added = (label.LabelTime.ToDateTimeOffset().ToUnixTimeMilliseconds(), label.Fraud);
        if (label.Fraud && label.EventTime is { } paid && TimesOf(id).FirstMs == long.MaxValue)
        {
            var paidMs = paid.ToDateTimeOffset().ToUnixTimeMilliseconds();
            _fraudDelays.Add((paidMs, added.TimeMs - paidMs));
        }
        LastLabelMs = Math.Max(LastLabelMs, added.TimeMs);
        if (_several.TryGetValue(id, out var labels))
        {
            labels.Add(added);
            labels.Sort();
        }
        else if (!_only.TryAdd(id, added) && _only.Remove(id, out var first))
        {
            _several[id] = [.. new[] { first, added }.Order()];
        }
    }
}
