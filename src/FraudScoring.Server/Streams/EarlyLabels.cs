using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Labels without tokens that were read before their transaction, which alone says whose they are. Found by transaction, so that a log with
/// many of them is read in linear time.
/// </summary>
/// <remarks>
/// Bounded: when it is full, the label that was read first is dropped. A repair reads all transactions before it reads labels, so the
/// labels that it still needs here are those whose transaction is written during the repair: the newest ones. Older ones are of
/// transactions that Kafka has deleted or of entities that are not being rebuilt.
/// </remarks>
/// <param name="most">Most labels it holds.</param>
internal sealed class EarlyLabels(int most)
{
    private readonly Dictionary<string, Queue<LabelRecord>> _waiting = [];
    private readonly Queue<string> _order = [];

    /// <summary>Number of labels that it holds.</summary>
    public int Count => _order.Count;

    /// <summary>Number of labels that were dropped.</summary>
    public long Dropped { get; private set; }

    public void Add(LabelRecord label)
    {
        var transactionId = label.Label.TransactionId;
        if (!_waiting.TryGetValue(transactionId, out var labels))
        {
            _waiting.Add(transactionId, labels = []);
        }
        labels.Enqueue(label);
        _order.Enqueue(transactionId);
        if (_order.Count > most)
        {
            DropFirst();
        }
    }

    /// <summary>The labels of a transaction, in the order they were read.</summary>
    public IReadOnlyCollection<LabelRecord> Of(string transactionId) =>
        _waiting.TryGetValue(transactionId, out var labels) ? labels : [];

    private void DropFirst()
    {
        var transactionId = _order.Dequeue();
        var labels = _waiting[transactionId];
        labels.Dequeue();
        Dropped++;
        if (labels.Count == 0)
        {
            _waiting.Remove(transactionId);
        }
    }
}
