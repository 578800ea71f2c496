using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Decides when labels arrive: every fraud is labelled, by an analyst within hours or by a chargeback days later, and a
/// small share of the legitimate payments is reviewed. Holds the labels that are still to come.
/// </summary>
internal sealed class LabelSchedule(SimulationOptions options)
{
    private readonly PriorityQueue<Label, (long TimeMs, long Order)> _pending = new();
    private long _order;

    /// <summary>Draws the payment's label, if it gets one. The label carries every token of the payment.</summary>
    public void Schedule(Payment payment, bool fraud, RandomStream random)
    {
        if (!fraud && !random.Chance(options.ReviewShare))
        {
            return;
        }
        string source = !fraud ? "review" : random.Chance(options.AnalystShare) ? "analyst" : "chargeback";
        long delayMs = DrawDelay(source, random);
        var label = new Label
        {
            TransactionId = payment.TransactionId,
            EventTimeMs = payment.EventTimeMs,
            LabelTimeMs = payment.EventTimeMs + delayMs,
            Fraud = fraud,
            Source = source,
            Card = payment.Card,
            Account = payment.Account,
            Device = payment.Device,
            IpAddress = payment.IpAddress,
            Merchant = payment.Merchant,
        };
        _pending.Enqueue(label, (label.LabelTimeMs, _order++));
    }

    /// <summary>Takes the next label that is known by the given time; false when there is none.</summary>
    public bool TryTake(long byMs, out Label? label)
    {
        if (_pending.TryPeek(out label, out (long TimeMs, long Order) due) && due.TimeMs <= byMs)
        {
            _pending.Dequeue();
            return true;
        }
        label = null;
        return false;
    }

    private long DrawDelay(string source, RandomStream random)
    {
        double exponential = random.Exponential();
        if (options.FixedLabelDelay is { } delay)
        {
            return (long)delay.TotalMilliseconds;
        }
        if (source != "chargeback")
        {
            return MillisecondsPer.Minute + (long)(exponential * options.AnalystDelay.TotalMilliseconds);
        }
        double beyondFirstDay = exponential * (options.ChargebackDelay.TotalMilliseconds - SimulatedDay.LengthMs);
        return SimulatedDay.LengthMs + (long)Math.Min(beyondFirstDay, 9 * options.ChargebackDelay.TotalMilliseconds);
    }
}
