using System.Diagnostics.CodeAnalysis;

namespace FraudScoring.Server.Streams;

/// <summary>A map in bounded memory: when it is full, the entry that was added first makes room for the new one.</summary>
/// <param name="most">Most entries it holds.</param>
internal sealed class NewestMap<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _values = [];
    private readonly Queue<TKey> _order = [];

    public int Count => _values.Count;

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(key, out value);

    /// <summary>Adds an entry.</summary>
    /// <returns>False if the map has one with this key; it stays.</returns>
    public bool TryAdd(TKey key, TValue value)
    {
        if (!_values.TryAdd(key, value))
        {
            return false;
        }
        _order.Enqueue(key);
        if (_order.Count > most)
        {
            _values.Remove(_order.Dequeue());
        }
        return true;
    }
}
