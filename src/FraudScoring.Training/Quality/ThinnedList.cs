namespace FraudScoring.Training.Quality;

/// <summary>
/// An even sample of a sequence whose length is not known beforehand: every item at first, and whenever it is full every second one of
/// what it holds, and of what comes. The same sequence gives the same sample.
/// </summary>
/// <param name="capacity">The most items it holds; at least 2.</param>
internal sealed class ThinnedList<T>(int capacity)
{
    private readonly List<T> _items = [];
    private long _stride = 1;

    public IReadOnlyList<T> Items => _items;

    /// <summary>How many items came.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next item, or passes it over.</summary>
    public void Add(T item)
    {
        if (Count++ % _stride != 0)
        {
            return;
        }
        if (_items.Count == capacity)
        {
            for (var i = 0; 2 * i < _items.Count; i++)
            {
                _items[i] = _items[2 * i];
            }
            _items.RemoveRange((_items.Count + 1) / 2, _items.Count / 2);
            _stride *= 2;
            if ((Count - 1) % _stride != 0)
            {
                return;
            }
        }
        _items.Add(item);
    }
}
