using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Rewrites an event log as if every payment had been labelled, fraud or legitimate, after one fixed delay.</summary>
internal static class DelayedLabels
{
    /// <summary>Returns the payments of the log in order, with one label for each, merged by time.</summary>
    /// <remarks>
    /// Labels pass through the queue to keep the stream in order of time, which the replay requires; memory is bounded by the payments of
    /// one delay. A label with the time of a payment is emitted first. That does not leak: features count only labels that became known
    /// strictly before the payment. Labels due after the last payment are dropped, as no payment can see them.
    /// </remarks>
    /// <param name="records">The log. Its own labels are ignored.</param>
    /// <param name="book">The final label of each payment.</param>
    /// <param name="delay">Time from payment to label.</param>
    /// <param name="endMs">Payments at or after this time are dropped, in milliseconds since the Unix epoch.</param>
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
