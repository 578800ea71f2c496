using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// Aggregates of the events in one span of time that are no longer kept individually. Members that the level does not keep are 0.
/// </summary>
/// <remarks>
/// Count, sum, minimum and maximum are commutative and associative over integers, so a tile is the same in whatever order its events
/// arrive, and a window merges tiles by adding them. Sums of doubles would not be: they round differently in another order.
/// </remarks>
public struct Tile
{
    /// <summary>The span: time / width, rounded down.</summary>
    public long Number;
    /// <summary>Number of events.</summary>
    public long Count;
    /// <summary>Number of events whose amount is unknown, in a level that keeps something about amounts.</summary>
    public long Unknown;
    /// <summary>Sum of amounts, in minor units.</summary>
    public long Sum;
    /// <summary>Sum of squared amounts, in squared minor units. The square of the largest amount, 1e24, needs 80 bits.</summary>
    public UInt128 SumOfSquares;
    /// <summary>Smallest amount, in minor units.</summary>
    public long Min;
    /// <summary>Largest amount, in minor units.</summary>
    public long Max;

    /// <summary>Number of events whose amount is known.</summary>
    public readonly long Known => Count - Unknown;

    /// <summary>Adds one event.</summary>
    /// <param name="amount">Minor units, or <see cref="Payments.DecimalAmount.Unknown"/>.</param>
    /// <param name="contents">What the tile keeps about amounts.</param>
    public void Add(long amount, TileContents contents)
    {
        if (amount < 0)
        {
            Unknown += contents == TileContents.None ? 0 : 1;
            Count++;
            return;
        }
        if ((contents & TileContents.Sum) != 0)
        {
            Sum += amount;
        }
        if ((contents & TileContents.Squares) != 0)
        {
            SumOfSquares += (UInt128)amount * (UInt128)amount;
        }
        if ((contents & TileContents.Min) != 0)
        {
            // In a new tile the minimum is 0 and would win. The maximum needs no such case, since amounts are not negative.
            Min = Known == 0 ? amount : Math.Min(Min, amount);
        }
        if ((contents & TileContents.Max) != 0)
        {
            Max = Math.Max(Max, amount);
        }
        Count++;
    }
}

/// <summary>The tiles of one level in order of time. Spans without events have no tile.</summary>
internal sealed class TileRing(TileLevel level)
{
    private readonly int _sketchCount = level.SketchCount;
    private Tile[] _tiles = [];
    private DistinctSketch[] _sketches = [];
    // Histograms are reused: those at indices from Count are spare.
    private AmountHistogram[] _amounts = [];

    public TileLevel Level => level;

    public bool KeepsAmounts { get; } = (level.Contents & TileContents.Amounts) != 0;

    public int Count { get; private set; }

    /// <summary>The tiles, oldest first.</summary>
    public ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, Count);

    /// <summary>The sketch of a tile, by the index that <see cref="TileLevel.SketchOf"/> returns.</summary>
    public ref DistinctSketch Sketch(int tile, int sketch) => ref _sketches[(tile * _sketchCount) + sketch];

    /// <summary>The histogram of a tile; only if <see cref="KeepsAmounts"/>.</summary>
    public AmountHistogram Amounts(int tile) => _amounts[tile];

    public void Add(in ProfileEvent old)
    {
        var index = Find(level.NumberOf(old.TimeMs));
        _tiles[index].Add(old.Amount, level.Contents);
        for (int d = 0, s = 0; s < _sketchCount; d++)
        {
            if ((level.Sketches >> d & 1) != 0)
            {
                Sketch(index, s++).Add(old.Dimensions[d]);
            }
        }
        if (KeepsAmounts && old.Amount >= 0)
        {
            _amounts[index].Add(old.Amount);
        }
    }

    public void Clear() => Count = 0;

    /// <summary>Returns the index of the tile with this number, after adding an empty one if there is none.</summary>
    public int Find(long number)
    {
        var at = Count;
        while (at > 0 && _tiles[at - 1].Number >= number)
        {
            at--;
        }
        if (at == Count || _tiles[at].Number != number)
        {
            Insert(at);
            _tiles[at] = new Tile { Number = number };
        }
        return at;
    }

    public ref Tile this[int index] => ref _tiles[index];

    /// <summary>Removes the tiles with smaller numbers.</summary>
    public void DropBefore(long number)
    {
        var drop = 0;
        while (drop < Count && _tiles[drop].Number < number)
        {
            drop++;
        }
        if (drop > 0)
        {
            Array.Copy(_tiles, drop, _tiles, 0, Count - drop);
            Array.Copy(_sketches, drop * _sketchCount, _sketches, 0, (Count - drop) * _sketchCount);
            if (KeepsAmounts)
            {
                // Three reversals rotate the dropped histograms behind the others, where they are spare.
                _amounts.AsSpan(0, drop).Reverse();
                _amounts.AsSpan(drop, Count - drop).Reverse();
                _amounts.AsSpan(0, Count).Reverse();
            }
            Count -= drop;
        }
    }

    private void Insert(int at)
    {
        if (Count == _tiles.Length)
        {
            var capacity = Math.Max(4, Count * 2);
            Array.Resize(ref _tiles, capacity);
            Array.Resize(ref _sketches, capacity * _sketchCount);
            GrowAmounts(capacity);
        }
        Array.Copy(_tiles, at, _tiles, at + 1, Count - at);
        Array.Copy(_sketches, at * _sketchCount, _sketches, (at + 1) * _sketchCount, (Count - at) * _sketchCount);
        // The cells still hold the sketches of the tile that moved up, or of one dropped earlier.
        Array.Clear(_sketches, at * _sketchCount, _sketchCount);
        if (KeepsAmounts)
        {
            var spare = _amounts[Count];
            Array.Copy(_amounts, at, _amounts, at + 1, Count - at);
            _amounts[at] = spare;
            spare.Clear();
        }
        Count++;
    }

    private void GrowAmounts(int capacity)
    {
        var grown = KeepsAmounts ? _amounts.Length : capacity;
        if (grown < capacity)
        {
            Array.Resize(ref _amounts, capacity);
            for (; grown < capacity; grown++)
            {
                _amounts[grown] = new AmountHistogram();
            }
        }
    }
}
