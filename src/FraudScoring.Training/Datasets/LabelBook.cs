using FraudScoring.V1;

namespace FraudScoring.Training.Datasets;

/// <summary>What became known about each payment of a log, and when; and the log's span of time.</summary>
internal sealed class LabelBook
{
    private readonly Dictionary<string, (long TimeMs, bool Fraud)> _labels = [];
    private readonly List<long> _fraudDelays = [];

    /// <summary>Event time of the first payment, milliseconds since the Unix epoch.</summary>
    public long FirstMs { get; private set; } = long.MaxValue;

    /// <summary>Event time of the last payment, milliseconds since the Unix epoch.</summary>
    public long LastMs { get; private set; } = long.MinValue;

    public int Payments { get; private set; }

    /// <summary>Half of the labels that told of a fraud came within so many milliseconds of their payments; 0 without such labels.</summary>
    public long MedianFraudDelayMs => _fraudDelays.Count == 0 ? 0 : _fraudDelays.Order().ElementAt((_fraudDelays.Count - 1) / 2);

    /// <summary>Reads a log once, for its labels and its span.</summary>
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

    /// <summary>True when the payment is a fraud, as far as the whole log tells.</summary>
    public bool IsFraud(string transactionId) => _labels.TryGetValue(transactionId, out var label) && label.Fraud;

    /// <summary>True when the payment was known as a fraud at a time.</summary>
    public bool IsKnownFraud(string transactionId, long asOfMs) =>
        _labels.TryGetValue(transactionId, out var label) && label.Fraud && label.TimeMs <= asOfMs;

    /// <summary>When a fraud became known, milliseconds since the Unix epoch; the end of time when it never did.</summary>
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
