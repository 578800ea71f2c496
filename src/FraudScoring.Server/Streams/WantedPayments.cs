using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>The payments that one search of the log looks for, by transaction id, with the parked labels that wait for them.</summary>
internal sealed class WantedPayments
{
    private readonly Dictionary<string, List<WantedLabel>> _labels = [];

    /// <summary>Number of labels.</summary>
    public int Count { get; private set; }

    /// <summary>When the payments were made, according to their labels; milliseconds since the Unix epoch.</summary>
    public IEnumerable<long> TimesMs => _labels.Values.Select(labels => labels[0].Label.EventTimeMs);

    public void Add(WantedLabel wanted)
    {
        if (!_labels.TryGetValue(wanted.Label.TransactionId, out var labels))
        {
            _labels.Add(wanted.Label.TransactionId, labels = []);
        }
        labels.Add(wanted);
        Count++;
    }

    public bool Contains(string transactionId) => _labels.ContainsKey(transactionId);

    /// <summary>Removes the labels of a transaction and returns them, in the order they were added.</summary>
    public IReadOnlyList<WantedLabel> Take(string transactionId)
    {
        if (!_labels.Remove(transactionId, out var labels))
        {
            return [];
        }
        Count -= labels.Count;
        return labels;
    }
}

/// <summary>A parked label whose payment is searched.</summary>
/// <param name="Transaction">The keyed hash of its transaction.</param>
/// <param name="Label">The label.</param>
/// <param name="Parked">The label as it is parked.</param>
internal sealed record WantedLabel(EntityKey Transaction, Label Label, ParkedLabel Parked);
