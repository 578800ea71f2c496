namespace FraudScoring.Training.Quality;

/// <summary>
/// An even sample of a sequence of unknown length. It keeps every item until it is full, then drops every second item it holds and from
/// then on keeps only every second item, and so on. Unlike a random sample, it is the same for the same sequence without a seed.
/// </summary>
/// <param name="capacity">Maximum number of items; at least 2.</param>
internal sealed class ThinnedList<T>(int capacity)
{
    private readonly List<T> _items = [];
    private long _stride = 1;

    public IReadOnlyList<T> Items => _items;

    /// <summary>Number of items added, sampled or not.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the next item of the sequence; the sample may skip it.</summary>
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
