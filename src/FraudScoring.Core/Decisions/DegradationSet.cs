using System.Numerics;

namespace FraudScoring.Core.Decisions;

/// <summary>All that was missing or stale when a payment was scored. Enumerates the most severe first. Allocates nothing.</summary>
public readonly record struct DegradationSet
{
    // Bit d is set if the degradation with the number d applies.
    private readonly uint _bits;

    private DegradationSet(uint bits) => _bits = bits;

    /// <summary>True if nothing was missing.</summary>
    public bool IsEmpty => _bits == 0;

    /// <summary>The most severe degradation; <see cref="Degradation.None"/> if nothing was missing.</summary>
    public Degradation Worst => IsEmpty ? Degradation.None : (Degradation)BitOperations.Log2(_bits);

    /// <summary>Returns whether a degradation applies.</summary>
    public bool Contains(Degradation degradation) => (_bits >> (int)degradation & 1) != 0;

    /// <summary>Adds a degradation if it applies. <see cref="Degradation.None"/> adds nothing.</summary>
    public DegradationSet With(Degradation degradation, bool applies = true) =>
        applies && degradation != Degradation.None ? new(_bits | 1u << (int)degradation) : this;

    /// <summary>Enumerates the degradations, the most severe first.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Enumerates a set without allocating.</summary>
    public struct Enumerator
    {
        private DegradationSet _left;

        internal Enumerator(DegradationSet set) => _left = set;

        /// <summary>The current degradation.</summary>
        public Degradation Current { get; private set; }

        /// <summary>Moves to the next degradation.</summary>
        public bool MoveNext()
        {
            if (_left.IsEmpty)
            {
                return false;
            }
            Current = _left.Worst;
            _left = new(_left._bits & ~(1u << (int)Current));
            return true;
        }
    }
}
