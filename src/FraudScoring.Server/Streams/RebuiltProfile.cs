using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>A profile that is being rebuilt from the whole log.</summary>
internal sealed class RebuiltProfile(ProfileKeys keys, CorruptProfile found)
{
    private readonly HashSet<string> _transactions = [];
    private readonly List<ProfileUpdate> _early = [];
    private readonly HashSet<(string TransactionId, long LabelTimeMs, bool Fraud)> _labels = [];

    public EntityProfile Profile { get; } = new(keys.Catalogue.Entities[found.Entity]);

    /// <summary>Applies a payment if it is of this entity. A transaction counts once.</summary>
    public void Record(TransactionRecord transaction)
    {
        var payment = transaction.Payment;
        if (transaction.Entities[found.Entity] != found.Key || !_transactions.Add(payment.TransactionId))
        {
            return;
        }
        new ProfileUpdate(transaction.Position, payment, transaction.Amount, null).ApplyTo(Profile);
        foreach (var early in _early.Where(early => early.Label!.TransactionId == payment.TransactionId))
        {
            Apply(early);
        }
    }

    /// <summary>Applies a label if it names this entity, or if it names none and belongs to one of this entity's transactions.</summary>
    public void Record(LabelRecord record)
    {
        var label = record.Label;
        if (!Profile.Plan.KeepsLabels)
        {
            return;
        }
        if (label.HasEntity ? keys.HashEntity(found.Entity, label) == found.Key : _transactions.Contains(label.TransactionId))
        {
            Apply(new ProfileUpdate(record.Position, null, 0, label));
        }
        else if (!label.HasEntity)
        {
            // Applied once its payment appears, perhaps behind later labels of its partition: with a source, its offset would be refused.
            _early.Add(new ProfileUpdate(record.Position with { Source = ProfileUpdate.NoSource }, null, 0, label));
        }
    }

    /// <summary>A label counts once, however often it was published.</summary>
    private void Apply(in ProfileUpdate update)
    {
        if (_labels.Add((update.Label!.TransactionId, update.Label.LabelTimeMs, update.Label.Fraud)))
        {
            update.ApplyTo(Profile);
        }
    }
}
