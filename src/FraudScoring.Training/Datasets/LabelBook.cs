using FraudScoring.V1;

namespace FraudScoring.Training.Datasets;

/// <summary>The last label of each payment of a log, with the time it became known, and the log's time span.</summary>
/// <remarks>
/// Labels arrive hours to weeks after their payments. A model may only learn from labels that were known at the time it is supposed to
/// be trained, but is tested against what became known in the end: hence two questions, <see cref="IsKnownFraud"/> and
/// <see cref="IsFraud"/>. Only the last label of a payment counts, at its own time. An analyst's correction therefore replaces the first
/// opinion everywhere; the cost is that a fraud that is labelled twice counts as known only from the second label.
/// </remarks>
internal sealed class LabelBook
{
    private readonly Dictionary<string, (long TimeMs, bool Fraud)> _labels = [];
    private readonly List<long> _fraudDelays = [];

    /// <summary>Event time of the first payment, milliseconds since the Unix epoch.</summary>
    public long FirstMs { get; private set; } = long.MaxValue;

    /// <summary>Event time of the last payment, milliseconds since the Unix epoch.</summary>
    public long LastMs { get; private set; } = long.MinValue;

    public int Payments { get; private set; }

    /// <summary>Median time from a payment to its fraud label, in milliseconds; 0 without fraud labels.</summary>
    public long MedianFraudDelayMs =>
        _fraudDelays.Count == 0 ? 0 : _fraudDelays.Order().ElementAt((_fraudDelays.Count - 1) / 2);

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
    public bool IsFraud(string transactionId) => _labels.TryGetValue(transactionId, out var label) && label.Fraud;

    /// <summary>True if the payment was labelled fraud at a time (milliseconds since the Unix epoch).</summary>
    public bool IsKnownFraud(string transactionId, long asOfMs) =>
        _labels.TryGetValue(transactionId, out var label) && label.Fraud && label.TimeMs <= asOfMs;

    /// <summary>Time of the fraud label, milliseconds since the Unix epoch; <see cref="long.MaxValue"/> for other payments.</summary>
    public long KnownMs(string transactionId) =>
        _labels.TryGetValue(transactionId, out var label) && label.Fraud ? label.TimeMs : long.MaxValue;

    private void Record(LabelEvent label)
    {
        var time = label.LabelTime.ToDateTimeOffset().ToUnixTimeMilliseconds();
        if (label.Fraud && label.EventTime is { } paid)
        {
            _fraudDelays.Add(time - paid.ToDateTimeOffset().ToUnixTimeMilliseconds());
        }
        if (!_labels.TryGetValue(label.TransactionId, out var known) || known.TimeMs <= time)
        {
            _labels[label.TransactionId] = (time, label.Fraud);
        }
    }
}
