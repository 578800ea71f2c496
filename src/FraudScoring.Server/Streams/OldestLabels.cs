namespace FraudScoring.Server.Streams;

/// <summary>Collects labels in bounded memory: of more than fit, those that have been parked longest.</summary>
/// <param name="most">Most labels it holds.</param>
internal sealed class OldestLabels(int most)
{
    // The label that was parked last comes out first.
    private readonly PriorityQueue<WantedLabel, long> _labels = new();

    public void Add(WantedLabel label)
    {
        _labels.Enqueue(label, -label.Parked.ParkedMs);
        if (_labels.Count > most)
        {
            _labels.Dequeue();
        }
    }

    /// <summary>Removes the labels and returns them, those of one transaction in order of their time.</summary>
    public List<WantedLabel> Take()
    {
        List<WantedLabel> taken = [.. _labels.UnorderedItems.Select(item => item.Element)
            .OrderBy(label => label.Parked.LabelTimeMs).ThenBy(label => label.Parked.Offset)];
        _labels.Clear();
        return taken;
    }
}
