namespace FraudScoring.Training.Quality;

/// <summary>
/// Counts the payments of each entity of one kind, exactly, for an even sample of the entities in bounded memory.
/// </summary>
/// <remarks>
/// Adaptive sampling by hash (Wegman; Flajolet, 1990): an entity is kept if the lowest bits of its hash are 0. When there are too many,
/// one more bit must be 0. An entity that is kept was kept from its first payment, so its count is exact. A sample of payments would show
/// busy entities only.
/// </remarks>
/// <param name="capacity">Maximum number of entities that are kept.</param>
internal sealed class EntitySizes(int capacity)
{
    private readonly Dictionary<ulong, long> _payments = [];
    private int _bits;

    /// <summary>Number of different entities; an estimate if it is larger than the capacity.</summary>
    public long Entities => (long)_payments.Count << _bits;

    /// <summary>True if <see cref="Entities"/> is exact and all sizes are known.</summary>
    public bool IsComplete => _bits == 0;

    /// <summary>Number of payments of each kept entity, ascending.</summary>
    public IReadOnlyList<long> Sizes => [.. _payments.Values.Order()];

    /// <summary>Counts a payment of an entity.</summary>
    /// <param name="entity">A hash of the entity whose bits are even, such as that of <see cref="Core.Payments.StableHash"/>.</param>
    public void Add(ulong entity)
    {
        if (!IsKept(entity))
        {
            return;
        }
        _payments[entity] = _payments.GetValueOrDefault(entity) + 1;
        while (_payments.Count > capacity)
        {
            _bits++;
            foreach (var left in _payments.Keys.Where(kept => !IsKept(kept)).ToList())
            {
                _payments.Remove(left);
            }
        }
    }

    private bool IsKept(ulong entity) => (entity & ((1UL << _bits) - 1)) == 0;
}
