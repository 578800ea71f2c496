using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Label = FraudScoring.Core.Payments.Label;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Replays an event log in order of arrival through the profiles and the feature builder of the service: the features of a payment
/// depend only on records that arrived before it.
/// </summary>
/// <remarks>
/// Replaying the service's own code makes training rows equal to served rows, to the bit. Computing features with SQL or data frames
/// would be faster, but is a second implementation: it differs in the last bits (training-serving skew), and its windows easily include
/// labels that were not known yet. Order of arrival matters because a label counts only after it arrived; within a profile, sums are
/// integers and therefore independent of the order. The cost: one thread, and the profiles of all entities in memory.
/// </remarks>
/// <param name="catalogue">The features to compute.</param>
/// <param name="rates">The exchange rates.</param>
/// <param name="labelHorizonMs">
/// Longest time from a payment to a label without tokens that still finds it, in milliseconds: Labels:HorizonDays of the service.
/// </param>
internal sealed class HistoryReplay(FeatureCatalogue catalogue, ExchangeRates rates, long labelHorizonMs)
{
    // Keys are only compared within this process, so any secret gives the same rows.
    private readonly EntityHasher _hasher = new(new byte[32]);
    private readonly Dictionary<EntityKey, EntityProfile>[] _profiles =
        [.. catalogue.Entities.Select(_ => new Dictionary<EntityKey, EntityProfile>())];
    private readonly EntityProfile[] _empty = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
    private readonly EntityProfile?[] _current = new EntityProfile?[catalogue.Entities.Count];
    private readonly EntityKey[] _keys = new EntityKey[catalogue.Entities.Count];
    private readonly float[] _row = new float[catalogue.Features.Count];
    private readonly LabelledPayments _labelled = new(catalogue, labelHorizonMs);

    /// <summary>The profiles of the current payment, one per entity; null where the payment has none.</summary>
    public ReadOnlySpan<EntityProfile?> Profiles => _current;

    /// <summary>The keys of the current payment's entities.</summary>
    public ReadOnlySpan<EntityKey> Keys => _keys;

    /// <param name="records">The event log, in order of arrival.</param>
    /// <param name="onPayment">Receives each payment with its row, which is valid only during the call.</param>
    /// <param name="fromMs">Payments before this time (milliseconds since the Unix epoch) only build history and get no row.</param>
    /// <exception cref="InvalidDataException">A record is not a valid payment or label.</exception>
    public void Run(IEnumerable<EventLogRecord> records, Action<Payment, ReadOnlyMemory<float>> onPayment, long fromMs = long.MinValue)
    {
        foreach (var (payment, amount) in Walk(records))
        {
            if (payment.EventTimeMs >= fromMs)
            {
                FeatureBuilder.Fill(catalogue, payment, amount, _current, _row);
                onPayment(payment, _row);
            }
        }
    }

    /// <summary>
    /// Replays a log, and pauses at each payment before it becomes part of its own history: until the next one, <see cref="Profiles"/> and
    /// <see cref="Keys"/> are those of the payment.
    /// </summary>
    /// <param name="records">The event log, in order of arrival.</param>
    /// <returns>The payments, each with its amount in minor units of the reference currency.</returns>
    /// <exception cref="InvalidDataException">A record is not a valid payment or label.</exception>
    public IEnumerable<(Payment Payment, long Amount)> Walk(IEnumerable<EventLogRecord> records)
    {
        long number = 0;
        var faults = new Faults();
        foreach (var record in records)
        {
            number++;
            if (record.EventCase == EventLogRecord.EventOneofCase.Label)
            {
                Apply(PaymentReader.Parse(record.Label, PaymentLimits.AnyTime, 0, faults) ?? throw Invalid(number, faults));
                continue;
            }
            var payment = PaymentReader.Parse(record.Transaction.Payment, PaymentLimits.AnyTime, 0, faults)
                ?? throw Invalid(number, faults);
            var amount = rates.Convert(payment);
            FindProfiles(payment);
            RecordAttempt(payment);
            yield return (payment, amount);
            // Last: a payment is not part of its own history.
            Apply(payment, amount);
            var (entities, waiting) = _labelled.Remember(payment, _keys);
            foreach (var label in waiting)
            {
                Apply(label, entities);
            }
        }
    }

    /// <summary>Fills the row another payment would have at this moment. Call it only in the callback of <see cref="Run"/>.</summary>
    /// <param name="other">The payment.</param>
    /// <param name="row">Room for one float per feature.</param>
    public void FillAs(Payment other, Span<float> row)
    {
        var profiles = new EntityProfile?[_keys.Length];
        for (var e = 0; e < _keys.Length; e++)
        {
            var key = _hasher.KeyOf(catalogue.Entities[e], other);
            profiles[e] = key.IsNone ? null : _profiles[e].GetValueOrDefault(key) ?? NewProfile(e, other);
        }
        FeatureBuilder.Fill(catalogue, other, rates.Convert(other), profiles, row);
    }

    /// <summary>A profile that holds only the request to score this payment.</summary>
    private EntityProfile NewProfile(int entity, Payment payment)
    {
        var profile = new EntityProfile(catalogue.Entities[entity]);
        if (profile.Plan.AttemptCapacity > 0)
        {
            profile.Attempts.Add(payment.EventTimeMs, ProfileEvent.IdOf(payment.TransactionId));
        }
        return profile;
    }

    private void FindProfiles(Payment payment)
    {
        for (var e = 0; e < _keys.Length; e++)
        {
            _keys[e] = _hasher.KeyOf(catalogue.Entities[e], payment);
            _current[e] = _keys[e].IsNone ? null
                : catalogue.Entities[e].AttemptCapacity > 0 ? ProfileOf(e, _keys[e])
                : _profiles[e].GetValueOrDefault(_keys[e], _empty[e]);
        }
    }

    /// <summary>
    /// The service counts requests to score, including the current one. A log holds only payments, so each stands for one request.
    /// </summary>
    private void RecordAttempt(Payment payment)
    {
        foreach (var profile in _current)
        {
            if (profile?.Plan.AttemptCapacity > 0)
            {
                profile.Attempts.Add(payment.EventTimeMs, ProfileEvent.IdOf(payment.TransactionId));
            }
        }
    }

    private void Apply(Payment payment, long amount)
    {
        for (var e = 0; e < _keys.Length; e++)
        {
            if (!_keys[e].IsNone)
            {
                ProfileOf(e, _keys[e]).Add(ProfileEvent.Create(catalogue.Entities[e], payment, amount));
            }
        }
    }

    /// <summary>
    /// A label with tokens applies to the entities that they name, another to those of its payment; if that is still to come, it waits.
    /// </summary>
    private void Apply(Label label)
    {
        if (!label.HasEntity)
        {
            if (_labelled.FindOrPark(label) is { } entities)
            {
                Apply(label, entities);
            }
            return;
        }
        Apply(label, Array.ConvertAll(_labelled.Entities, e => _hasher.KeyOf(catalogue.Entities[e], label)));
    }

    /// <param name="label">The label.</param>
    /// <param name="keys">The keys of the entities that keep labels.</param>
    private void Apply(Label label, EntityKey[] keys)
    {
        var kept = new ProfileLabel(ProfileEvent.IdOf(label.TransactionId), label.LabelTimeMs, label.Fraud);
        foreach (var (entity, key) in _labelled.Entities.Zip(keys))
        {
            if (!key.IsNone)
            {
                ProfileOf(entity, key).Labels.Add(kept);
            }
        }
    }

    private EntityProfile ProfileOf(int entity, EntityKey key)
    {
        if (!_profiles[entity].TryGetValue(key, out var profile))
        {
            _profiles[entity].Add(key, profile = new EntityProfile(catalogue.Entities[entity]));
        }
        return profile;
    }

    private static InvalidDataException Invalid(long number, Faults faults) =>
        new($"record {number} of the event log is invalid: {faults}");
}
