using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>
/// The label histories of all entities as if every payment had been labelled, fraud or legitimate, after one fixed delay: one history per
/// entity and delay.
/// </summary>
/// <remarks>
/// Only labels depend on the delay. With their histories apart, one replay of the payments serves all delays. Labels wait in a queue until
/// they are due; memory is bounded by the payments of one delay. Due labels are applied before a payment of the same time. That does not
/// leak: features count only labels that became known strictly before the payment.
/// </remarks>
internal sealed class DelayedLabels
{
    private readonly FeatureCatalogue _catalogue;
    private readonly long[] _delaysMs;
    private readonly PriorityQueue<Pending, (long TimeMs, long Order)>[] _pending;
    // Entities without features over labels have none.
    private readonly Dictionary<EntityKey, LabelHistory[]>?[] _histories;
    private readonly LabelHistory[]?[] _current;
    private long _order;

    /// <param name="catalogue">The entities.</param>
    /// <param name="delays">Times from a payment to its label.</param>
    public DelayedLabels(FeatureCatalogue catalogue, IReadOnlyList<LabelDelay> delays)
    {
        _catalogue = catalogue;
        _delaysMs = [.. delays.Select(delay => delay.Ms)];
        _pending = [.. delays.Select(_ => new PriorityQueue<Pending, (long, long)>())];
        _histories = Array.ConvertAll(
            catalogue.Program.LabelAggregates, own => own.Length > 0 ? new Dictionary<EntityKey, LabelHistory[]>() : null);
        _current = new LabelHistory[]?[_histories.Length];
    }

    /// <summary>Moves on to a payment: applies the labels that are due by then, and finds the histories of its entities.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="keys">The keys of its entities, in the order of the catalogue.</param>
    public void MoveTo(Payment payment, ReadOnlySpan<EntityKey> keys)
    {
        for (var d = 0; d < _pending.Length; d++)
        {
            Apply(d, payment.EventTimeMs);
        }
        for (var e = 0; e < keys.Length; e++)
        {
            _current[e] = _histories[e] is { } histories && !keys[e].IsNone ? Find(histories, keys[e], _catalogue.Entities[e]) : null;
        }
    }

    /// <summary>
    /// The labels of an entity of the current payment as known under a delay; null if the payment has no such entity, or no feature reads
    /// its labels.
    /// </summary>
    /// <param name="entity">Index of the entity.</param>
    /// <param name="delay">Index of the delay.</param>
    public LabelHistory? Of(int entity, int delay) => _current[entity]?[delay];

    /// <summary>Schedules the labels of the current payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="fraud">What it is labelled in the end.</param>
    public void Schedule(Payment payment, bool fraud)
    {
        var pending = new Pending(ProfileEvent.IdOf(payment.TransactionId), fraud, [.. _current]);
        for (var d = 0; d < _pending.Length; d++)
        {
            _pending[d].Enqueue(pending, (payment.EventTimeMs + _delaysMs[d], _order));
        }
        _order++;
    }

    private void Apply(int delay, long nowMs)
    {
        while (_pending[delay].TryPeek(out var label, out var due) && due.TimeMs <= nowMs)
        {
            _pending[delay].Dequeue();
            foreach (var histories in label.Histories)
            {
                histories?[delay].Add(new ProfileLabel(label.Id, due.TimeMs, label.Fraud));
            }
        }
    }

    private LabelHistory[] Find(Dictionary<EntityKey, LabelHistory[]> histories, EntityKey key, EntityPlan plan)
    {
        if (!histories.TryGetValue(key, out var found))
        {
            histories.Add(key, found = [.. _delaysMs.Select(_ => LabelHistory.Create(plan))]);
        }
        return found;
    }

    /// <summary>A payment whose label is not known yet.</summary>
    /// <param name="Id">The payment, as in <see cref="ProfileEvent.Id"/>.</param>
    /// <param name="Fraud">What it is labelled.</param>
    /// <param name="Histories">For each of its entities with features over labels, one history per delay.</param>
    private sealed record Pending(ulong Id, bool Fraud, LabelHistory[]?[] Histories);
}
