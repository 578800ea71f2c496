namespace FraudScoring.Server.Streams;

/// <summary>A set in bounded memory: when it is full, the value that was added first makes room for the new one.</summary>
/// <param name="most">Most values it holds.</param>
internal sealed class NewestSet<T>(int most)
{
    private readonly HashSet<T> _values = [];
    private readonly Queue<T> _order = [];

    public int Count => _values.Count;

    public bool Contains(T value) => _values.Contains(value);

    /// <summary>Adds a value.</summary>
    /// <returns>False if it was in the set.</returns>
    public bool Add(T value)
    {
        if (!_values.Add(value))
        {
            return false;
        }
        _order.Enqueue(value);
        if (_order.Count > most)
        {
            _values.Remove(_order.Dequeue());
        }
        return true;
    }
}
