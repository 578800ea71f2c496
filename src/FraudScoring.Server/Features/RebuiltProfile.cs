using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>A profile that is built anew from the whole log.</summary>
internal sealed class RebuiltProfile(FeatureCatalogue catalogue, ProfileKeys keys, CorruptProfile found)
{
    private readonly EntityKey[] _keys = new EntityKey[catalogue.Entities.Count];
    private readonly HashSet<string> _transactions = [];
    private readonly List<ProfileUpdate> _early = [];
    private readonly HashSet<(string TransactionId, long LabelTimeMs, bool Fraud)> _labels = [];

    /// <summary>What is built so far.</summary>
    public EntityProfile Profile { get; } = new(catalogue.Entities[found.Entity]);

    /// <summary>Takes a payment of the log, if it is of this entity. A transaction counts once.</summary>
    public void Add(int source, long offset, Payment payment, long amount)
    {
        keys.Of(payment, _keys);
        if (_keys[found.Entity] != found.Key || !_transactions.Add(payment.TransactionId))
        {
            return;
        }
        new ProfileUpdate(source, offset, payment, amount, null).ApplyTo(Profile);
        foreach (var early in _early.Where(early => early.Label!.TransactionId == payment.TransactionId))
        {
            Apply(early);
        }
    }

    /// <summary>Takes a label of the log, if it names this entity, or names none and is of one of its transactions.</summary>
    public void Add(int source, long offset, Label label)
    {
        if (!Profile.Plan.KeepsLabels)
        {
            return;
        }
        if (label.HasEntity ? keys.Of(found.Entity, label) == found.Key : _transactions.Contains(label.TransactionId))
        {
            Apply(new ProfileUpdate(source, offset, null, 0, label));
        }
        else if (!label.HasEntity)
        {
            _early.Add(new ProfileUpdate(ProfileUpdate.NoSource, offset, null, 0, label));
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
