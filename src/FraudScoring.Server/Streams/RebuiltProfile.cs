using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>A profile that is being rebuilt from the whole log.</summary>
internal sealed class RebuiltProfile(ProfileKeys keys, LabelsOptions options, CorruptProfile found)
{
    // About 50 MB for an entity that has as many. A busy merchant may have more; a copy of an older transaction then counts twice.
    private const int MostIds = 1_000_000;

    // By transaction: when it was made.
    private readonly NewestMap<ulong, long> _transactions = new(MostIds);
    private readonly NewestMap<(ulong Transaction, long LabelTimeMs, bool Fraud), bool> _labels = new(MostIds);

    public EntityProfile Profile { get; } = new(keys.Catalogue.Entities[found.Entity]);

    /// <summary>Applies a payment and the labels that waited for it, if the payment is of this entity. A transaction counts once.</summary>
    /// <param name="transaction">The payment.</param>
    /// <param name="early">The labels without tokens of this transaction that were read before it.</param>
    public void Record(TransactionRecord transaction, IReadOnlyCollection<LabelRecord> early)
    {
        var payment = transaction.Payment;
        if (transaction.Entities[found.Entity] != found.Key
            || !_transactions.TryAdd(ProfileEvent.IdOf(payment.TransactionId), payment.EventTimeMs))
        {
            return;
        }
        new ProfileUpdate(transaction.Position, payment, transaction.Amount, null).ApplyTo(Profile);
        foreach (var label in early.Where(label => options.IsWithinHorizon(label.Label, payment.EventTimeMs)))
        {
            // Perhaps behind later labels of its partition: with a source, its offset would be refused.
            Apply(label, label.Position with { Source = ProfileUpdate.NoSource });
        }
    }

    /// <summary>Applies a label if it names this entity, or if it names none and belongs to one of this entity's transactions.</summary>
    /// <returns>True if it has no tokens and its transaction is not one of this entity's so far.</returns>
    public bool Record(LabelRecord record)
    {
        var label = record.Label;
        if (!Profile.Plan.KeepsLabels)
        {
            return false;
        }
        if (label.HasEntity)
        {
            if (keys.HashHistory(found.Entity, label) == found.Key)
            {
                Apply(record, record.Position);
            }
            return false;
        }
        if (!_transactions.TryGetValue(ProfileEvent.IdOf(label.TransactionId), out var paymentMs))
        {
            return true;
        }
        if (options.IsWithinHorizon(label, paymentMs) && !keys.HashHistory(found.Key, EntityKey.None, label).IsNone)
        {
            Apply(record, record.Position);
        }
        return false;
    }

    /// <summary>A label counts once, however often it was published.</summary>
    private void Apply(LabelRecord record, RecordPosition position)
    {
        var label = record.Label;
        if (_labels.TryAdd((ProfileEvent.IdOf(label.TransactionId), label.LabelTimeMs, label.Fraud), true))
        {
            new ProfileUpdate(position, null, 0, label).ApplyTo(Profile);
        }
    }
}
