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
/// Replays an event log in order of arrival through the profiles and the feature builder that serve: each payment's row holds what
/// had arrived before it, and nothing else.
/// </summary>
/// <param name="catalogue">What to compute.</param>
internal sealed class HistoryReplay(FeatureCatalogue catalogue)
{
    // Keys are compared here and never leave the process: any secret gives the same rows.
    private readonly EntityHasher _hasher = new(new byte[32]);
    private readonly Dictionary<EntityKey, EntityProfile>[] _profiles =
        [.. catalogue.Entities.Select(_ => new Dictionary<EntityKey, EntityProfile>())];
    private readonly EntityProfile[] _empty = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
    private readonly EntityProfile?[] _current = new EntityProfile?[catalogue.Entities.Count];
    private readonly EntityKey[] _keys = new EntityKey[catalogue.Entities.Count];
    private readonly float[] _row = new float[catalogue.Features.Count];

    /// <summary>Replays the records.</summary>
    /// <param name="records">The log, in order of arrival.</param>
    /// <param name="onPayment">Gets each payment with its row, which is valid during the call.</param>
    /// <param name="fromMs">Payments made before this time only make history: they get no row.</param>
    /// <exception cref="InvalidDataException">A record is no valid payment or label.</exception>
    public void Run(IEnumerable<EventLogRecord> records, Action<Payment, ReadOnlyMemory<float>> onPayment, long fromMs = long.MinValue)
    {
        long number = 0;
        var faults = new Faults();
        foreach (var record in records)
        {
            number++;
            if (record.EventCase == EventLogRecord.EventOneofCase.Label)
            {
                Take(PaymentReader.Parse(record.Label, PaymentLimits.AnyTime, 0, faults) ?? throw Invalid(number, faults));
                continue;
            }
            var payment = PaymentReader.Parse(record.Transaction.Payment, PaymentLimits.AnyTime, 0, faults) ?? throw Invalid(number, faults);
            if (!catalogue.TryConvert(payment.AmountMinor, payment.Currency, out var amount))
            {
                faults.Add("payment.currency", "is one the feature catalogue has no rate for");
                throw Invalid(number, faults);
            }
            Find(payment);
            NoteAttempt(payment);
            if (payment.EventTimeMs >= fromMs)
            {
                FeatureBuilder.Fill(catalogue, payment, amount, _current, _row);
                onPayment(payment, _row);
            }
            Take(payment, amount);
        }
    }

    /// <summary>The row that another payment would have at this moment; of use while <see cref="Run"/> tells of a payment.</summary>
    /// <param name="other">The payment, in a currency the catalogue has a rate for.</param>
    /// <param name="row">Room for one float per feature.</param>
    public void FillAs(Payment other, Span<float> row)
    {
        var profiles = new EntityProfile?[_keys.Length];
        for (var e = 0; e < _keys.Length; e++)
        {
            var key = _hasher.KeyOf(catalogue.Entities[e], other);
            profiles[e] = key.IsNone ? null : _profiles[e].GetValueOrDefault(key) ?? NewProfile(e, other);
        }
        catalogue.TryConvert(other.AmountMinor, other.Currency, out var amount);
        FeatureBuilder.Fill(catalogue, other, amount, profiles, row);
    }

    /// <summary>A profile that has seen nothing but the request to score the payment.</summary>
    private EntityProfile NewProfile(int entity, Payment payment)
    {
        var profile = new EntityProfile(catalogue.Entities[entity]);
        if (profile.Plan.AttemptCapacity > 0)
        {
            profile.Attempts.Add(payment.EventTimeMs, ProfileEvent.IdOf(payment.TransactionId));
        }
        return profile;
    }

    private void Find(Payment payment)
    {
        for (var e = 0; e < _keys.Length; e++)
        {
            _keys[e] = _hasher.KeyOf(catalogue.Entities[e], payment);
            _current[e] = _keys[e].IsNone ? null
                : catalogue.Entities[e].AttemptCapacity > 0 ? ProfileOf(e, _keys[e])
                : _profiles[e].GetValueOrDefault(_keys[e], _empty[e]);
        }
    }

    /// <summary>A log holds no requests, so each payment stands for the one request to score it, which counts itself.</summary>
    private void NoteAttempt(Payment payment)
    {
        foreach (var profile in _current)
        {
            if (profile?.Plan.AttemptCapacity > 0)
            {
                profile.Attempts.Add(payment.EventTimeMs, ProfileEvent.IdOf(payment.TransactionId));
            }
        }
    }

    private void Take(Payment payment, long amount)
    {
        for (var e = 0; e < _keys.Length; e++)
        {
            if (!_keys[e].IsNone)
            {
                ProfileOf(e, _keys[e]).Add(ProfileEvent.Create(catalogue.Entities[e], payment, amount));
            }
        }
    }

    private void Take(Label label)
    {
        var kept = new ProfileLabel(ProfileEvent.IdOf(label.TransactionId), label.LabelTimeMs, label.Fraud);
        for (var e = 0; e < _keys.Length; e++)
        {
            var key = catalogue.Entities[e].KeepsLabels ? _hasher.KeyOf(catalogue.Entities[e], label) : EntityKey.None;
            if (!key.IsNone)
            {
                ProfileOf(e, key).Labels.Add(kept);
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
        new($"Record {number} of the event log is not valid: {faults}");
}
