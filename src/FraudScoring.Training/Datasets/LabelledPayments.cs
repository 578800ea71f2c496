using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Finds the entities of labels without tokens, as the service does: by their payment, for a time. A label that comes before its payment
/// waits for it.
/// </summary>
/// <remarks>
/// Where the service searches the log, the replay remembers the payments: about 150 bytes each, less than the payment's row in memory.
/// </remarks>
/// <param name="catalogue">The entities.</param>
/// <param name="horizonMs">Longest time from a payment to its label, in milliseconds.</param>
internal sealed class LabelledPayments(FeatureCatalogue catalogue, long horizonMs)
{
    /// <summary>The default of <c>Labels:HorizonDays</c>.</summary>
    public const long DefaultHorizonMs = 90 * MillisecondsPer.Day;

    private readonly Dictionary<ulong, Remembered> _known = [];
    private readonly Queue<ulong> _inOrder = new();
    private readonly Dictionary<string, List<Label>> _parked = [];
    private long _newestMs = long.MinValue;

    /// <summary>The indexes of the entities that keep labels.</summary>
    public int[] Entities { get; } = [.. catalogue.Entities.Where(entity => entity.KeepsLabels).Select(entity => entity.Index)];

    /// <summary>Remembers a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="keys">The keys of all its entities, in the order of the catalogue.</param>
    /// <returns>The keys of the entities that keep labels, and the labels that waited for the payment.</returns>
    public (EntityKey[] Keys, IReadOnlyList<Label> Waiting) Remember(Payment payment, EntityKey[] keys)
    {
        var (id, kept) = (StableHash.Compute(payment.TransactionId), Array.ConvertAll(Entities, e => keys[e]));
        if (!_known.TryAdd(id, new Remembered(payment.EventTimeMs, kept)))
        {
            return (kept, []);
        }
        _inOrder.Enqueue(id);
        _newestMs = Math.Max(_newestMs, payment.EventTimeMs);
        while (_known[_inOrder.Peek()].TimeMs < _newestMs - horizonMs)
        {
            _known.Remove(_inOrder.Dequeue());
        }
        return (kept, _parked.Remove(payment.TransactionId, out var waiting)
            ? waiting.FindAll(label => IsWithinHorizon(label, payment.EventTimeMs)) : []);
    }

    /// <summary>
    /// Returns the keys of a label's payment, those of the entities that keep labels; null if it is not known, and the label waits.
    /// </summary>
    public EntityKey[]? FindOrPark(Label label)
    {
        if (_known.TryGetValue(StableHash.Compute(label.TransactionId), out var payment))
        {
            return IsWithinHorizon(label, payment.TimeMs) ? payment.Keys : null;
        }
        if (!_parked.TryGetValue(label.TransactionId, out var waiting))
        {
            _parked.Add(label.TransactionId, waiting = []);
        }
        waiting.Add(label);
        return null;
    }

    private bool IsWithinHorizon(Label label, long paymentMs) => label.LabelTimeMs - paymentMs <= horizonMs;

    private readonly record struct Remembered(long TimeMs, EntityKey[] Keys);
}
