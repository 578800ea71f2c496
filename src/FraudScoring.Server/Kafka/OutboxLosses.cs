using Confluent.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>What an <see cref="Outbox{T}"/> reports.</summary>
/// <param name="Delivered">Receives the number of records that brokers have just acknowledged.</param>
/// <param name="Lost">Receives the number of records that were just lost, with the reason. May be called on any thread.</param>
/// <param name="Pending">
/// Receives changes of the number of records that are neither delivered nor lost. May be called on any thread.
/// </param>
internal sealed record OutboxReports(Action<long> Delivered, Action<long, string> Lost, Action<long> Pending);

/// <summary>Records that must not be delivered from the spool, because their payer was erased while they were in it.</summary>
/// <param name="AreKnown">False while it is not known which; nothing is read from the spool then.</param>
/// <param name="Contains">True for such a record.</param>
internal sealed record ErasedRecords(Func<bool> AreKnown, Func<SpooledRecord, bool> Contains);

/// <summary>Counts and logs the records that an <see cref="Outbox{T}"/> loses.</summary>
internal sealed class OutboxLosses(string topic, OutboxReports reports, TimeProvider time, ILogger log)
{
    private readonly LogPause _pause = new(time);

    /// <summary>Counts records that had been accepted.</summary>
    public void Count(long count, string reason)
    {
        reports.Lost(count, reason);
        reports.Pending(-count);
    }

    /// <summary>
    /// Counts a record that leaves the spool undelivered: it cannot be read, or its payer was erased meanwhile, which is no loss.
    /// </summary>
    public void CountLeft(SpoolRow row)
    {
        if (!row.IsReadable)
        {
            log.SpoolRecordUnreadable(row.Seq, topic);
            Count(1, "damaged");
            return;
        }
        ServerMetrics.SpoolErased.WithLabels(topic).Inc();
        reports.Pending(-1);
    }

    /// <summary>Counts what was lost before the spool was opened, and what it holds.</summary>
    /// <param name="last">What the last process left behind.</param>
    /// <param name="damaged">Records that were found damaged.</param>
    /// <param name="kept">Records in the spool.</param>
    public void CountAtOpen(SpoolCounts.Leftover last, long damaged, long kept)
    {
        reports.Pending(kept);
        if (damaged > 0)
        {
            reports.Lost(damaged, "damaged");
        }
        // With Acknowledge, answers waited for the disk: nobody was promised a record that was not stored.
        var unanswered = last.Mode == SpoolMode.Acknowledge ? last.Unstored : 0;
        var lost = last.Unstored - unanswered + last.Dropped;
        if (unanswered > 0)
        {
            log.DecisionsUnansweredInCrash(unanswered, topic);
        }
        if (lost > 0)
        {
            reports.Lost(lost, "crash");
            log.DecisionsLostInCrash(lost, topic, last.Mode);
        }
        if (kept > 0)
        {
            log.SpoolHasRecords(kept, topic);
        }
    }

    /// <summary>Counts what a stop could neither deliver nor store, and logs how the stop ended.</summary>
    /// <param name="lost">Records that are lost.</param>
    /// <param name="kept">Records in the spool.</param>
    /// <param name="drainTimeout">How long the stop waited at most.</param>
    public void CountAtStop(long lost, long kept, TimeSpan drainTimeout)
    {
        if (lost > 0)
        {
            Count(lost, "stopping");
            log.DecisionsLost(lost, topic, (int)drainTimeout.TotalSeconds);
        }
        else if (kept > 0)
        {
            log.DecisionsSpooled(kept, topic);
        }
        else
        {
            log.DecisionsDrained(topic);
        }
    }

    /// <summary>Drops a record that the client cannot deliver.</summary>
    public void Drop(OutboxRecord record, Error error)
    {
        record.State = OutboxState.Dropped;
        // An outage loses thousands of records for one reason; the counter has the number.
        if (_pause.TryBegin())
        {
            log.DecisionNotDelivered(topic, error.Reason);
        }
        Count(1, error.Code switch
        {
            ErrorCode.Local_MsgTimedOut => "timed_out",
            ErrorCode.MsgSizeTooLarge => "too_large",
            _ => "refused",
        });
    }
}
