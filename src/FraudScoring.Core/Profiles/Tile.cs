using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// What is known of the events of one span of time that are no longer kept one by one. What the level does not keep is 0.
/// </summary>
public struct Tile
{
    /// <summary>Which span: time / width, rounded down.</summary>
    public long Slot;
    /// <summary>How many events.</summary>
    public long Count;
    /// <summary>Sum of amounts, minor units.</summary>
    public long Sum;
    /// <summary>Sum of squared amounts, squared minor units.</summary>
    public UInt128 SumOfSquares;
    /// <summary>Smallest amount.</summary>
    public long Min;
    /// <summary>Largest amount.</summary>
    public long Max;

    /// <summary>Adds one amount.</summary>
    /// <param name="amount">Minor units.</param>
    /// <param name="contents">What is kept of it.</param>
    public void Add(long amount, TileContents contents)
    {
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
            Min = Count == 0 ? amount : Math.Min(Min, amount);
        }
        if ((contents & TileContents.Max) != 0)
        {
            Max = Math.Max(Max, amount);
        }
        Count++;
    }
}

/// <summary>The tiles of one level, in order of time; only spans that hold something are present.</summary>
internal sealed class TileRing(TileLevel level)
{
    private readonly int _sketchCount = level.SketchCount;
    private Tile[] _tiles = [];
    private DistinctSketch[] _sketches = [];
    // Histograms are kept and used again: those behind the present tiles' are spare.
    private AmountHistogram[] _amounts = [];

    /// <summary>What the tiles are like.</summary>
    public TileLevel Level => level;

    /// <summary>Each tile has a histogram of its amounts.</summary>
    public bool KeepsAmounts { get; } = (level.Contents & TileContents.Amounts) != 0;

    /// <summary>How many tiles are present.</summary>
    public int Count { get; private set; }

    /// <summary>The tiles present, oldest first.</summary>
    public ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, Count);

    /// <summary>The sketch of a present tile for one sketched dimension.</summary>
    public ref DistinctSketch Sketch(int tile, int sketch) => ref _sketches[(tile * _sketchCount) + sketch];

    /// <summary>The histogram of a present tile, where the level keeps one.</summary>
    public AmountHistogram Amounts(int tile) => _amounts[tile];

    /// <summary>Adds an event to its tile.</summary>
    public void Add(in ProfileEvent old)
    {
        var index = Find(level.SlotOf(old.TimeMs));
        _tiles[index].Add(old.Amount, level.Contents);
        for (int d = 0, s = 0; s < _sketchCount; d++)
        {
            if ((level.Sketches >> d & 1) != 0)
            {
                Sketch(index, s++).Add(old.Dimensions[d]);
            }
        }
        if (KeepsAmounts)
        {
            _amounts[index].Add(old.Amount);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Count = 0;

    /// <summary>The index of a span's tile, which is added, empty, when it is not present.</summary>
    public int Find(long slot)
    {
        var at = Count;
        while (at > 0 && _tiles[at - 1].Slot >= slot)
        {
            at--;
        }
        if (at == Count || _tiles[at].Slot != slot)
        {
            Insert(at);
            _tiles[at] = new Tile { Slot = slot };
        }
        return at;
    }

    /// <summary>The tile at an index.</summary>
    public ref Tile this[int index] => ref _tiles[index];

    /// <summary>Forgets the tiles before a span.</summary>
    public void DropBefore(long slot)
    {
        var drop = 0;
        while (drop < Count && _tiles[drop].Slot < slot)
        {
            drop++;
        }
        if (drop > 0)
        {
            Array.Copy(_tiles, drop, _tiles, 0, Count - drop);
            Array.Copy(_sketches, drop * _sketchCount, _sketches, 0, (Count - drop) * _sketchCount);
            if (KeepsAmounts)
            {
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
