using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Simulation;

namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>Profiles of a history, in memory, for measuring the stages after the feature read.</summary>
internal sealed class StoredProfiles
{
    private readonly FeatureCatalogue _catalogue;
    private readonly ExchangeRates _rates;
    private readonly EntityHasher _hasher = new("benchmarks-need-no-secret"u8);
    private readonly Dictionary<(int Entity, EntityKey Key), EntityProfile> _profiles = [];

    public StoredProfiles(FeatureCatalogue catalogue, ExchangeRates rates, IEnumerable<SimulatedEvent> past)
    {
        (_catalogue, _rates) = (catalogue, rates);
        foreach (var (payment, _, label) in past)
        {
            if (payment is not null)
            {
                Add(payment);
            }
            else
            {
                Add(label!);
            }
        }
    }

    public IEnumerable<EntityProfile> All => _profiles.Values;

    /// <summary>The profiles of a payment's entities, as on the score path: empty without a history, null without the entity.</summary>
    public EntityProfile?[] Find(Payment payment)
    {
        var profiles = new EntityProfile?[_catalogue.Entities.Count];
        foreach (var plan in _catalogue.Entities)
        {
            var key = _hasher.KeyOf(plan, payment);
            profiles[plan.Index] = key.IsNone ? null : Find(plan, key);
        }
        return profiles;
    }

    private void Add(Payment payment)
    {
        var amount = _rates.Convert(payment);
        foreach (var plan in _catalogue.Entities)
        {
            var key = _hasher.KeyOf(plan, payment);
            if (!key.IsNone)
            {
                Find(plan, key).Add(ProfileEvent.Create(plan, payment, amount));
            }
        }
    }

    private void Add(Label label)
    {
        foreach (var plan in _catalogue.Entities.Where(plan => plan.KeepsLabels))
        {
            var key = _hasher.KeyOf(plan, label);
            if (!key.IsNone)
            {
                Find(plan, key).Labels.Add(new ProfileLabel(ProfileEvent.IdOf(label.TransactionId), label.LabelTimeMs, label.Fraud));
            }
        }
    }

    private EntityProfile Find(EntityPlan plan, EntityKey key)
    {
        if (!_profiles.TryGetValue((plan.Index, key), out var profile))
        {
            _profiles.Add((plan.Index, key), profile = new EntityProfile(plan));
        }
        return profile;
    }
}
