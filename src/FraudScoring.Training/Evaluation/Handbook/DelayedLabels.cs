using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>A log as it would be if every payment became known, as fraud or as legitimate, the same time after it was made.</summary>
internal static class DelayedLabels
{
    /// <summary>
    /// The log's payments, and for each a label so much later, by what the whole log tells of it. A label comes before the payments of its
    /// time, which changes nothing: features count what became known before the payment.
    /// </summary>
    /// <param name="records">The log; its own labels are passed over.</param>
    /// <param name="book">The truth.</param>
    /// <param name="delay">From payment to label.</param>
    /// <param name="endMs">Payments from this time on are left out.</param>
    public static IEnumerable<EventLogRecord> Relabel(IEnumerable<EventLogRecord> records, LabelBook book, LabelDelay delay, long endMs)
    {
        var pending = new PriorityQueue<EventLogRecord, (long TimeMs, long Order)>();
        var order = 0L;
        foreach (var record in records)
        {
            if (record.Transaction?.Payment is not { EventTime: { } time } payment)
            {
                continue;
            }
            var timeMs = time.ToDateTimeOffset().ToUnixTimeMilliseconds();
            if (timeMs >= endMs)
            {
                continue;
            }
            while (pending.TryPeek(out var label, out var due) && due.TimeMs <= timeMs)
            {
                pending.Dequeue();
                yield return label;
            }
            yield return record;
            var known = timeMs + delay.Ms;
            var own = new EventLogRecord { Label = EventWriter.LabelOf(payment, known, book.IsFraud(payment.TransactionId)) };
            pending.Enqueue(own, (known, order++));
        }
    }
}
