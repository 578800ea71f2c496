namespace FraudScoring.Core.Features;

/// <summary>What is known of the events of one span of time that are no longer kept one by one.</summary>
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
    public void Add(long amount)
    {
        Min = Count == 0 ? amount : Math.Min(Min, amount);
        Max = Count == 0 ? amount : Math.Max(Max, amount);
        Count++;
        Sum += amount;
        SumOfSquares += (UInt128)amount * (UInt128)amount;
    }
}

/// <summary>The tiles of one level, in order of time; only spans that hold something are present.</summary>
internal sealed class TileRing(int sketches)
{
    private Tile[] _tiles = [];
    private DistinctSketch[] _sketches = [];

    /// <summary>How many tiles are present.</summary>
    public int Count { get; private set; }

    /// <summary>The tiles present, oldest first.</summary>
    public ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, Count);

    /// <summary>The sketch of a present tile for one sketched dimension.</summary>
    public ref DistinctSketch Sketch(int tile, int sketch) => ref _sketches[(tile * sketches) + sketch];

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
            Array.Copy(_sketches, drop * sketches, _sketches, 0, (Count - drop) * sketches);
            Count -= drop;
        }
    }

    private void Insert(int at)
    {
        if (Count == _tiles.Length)
        {
            var capacity = Math.Max(4, Count * 2);
            Array.Resize(ref _tiles, capacity);
            Array.Resize(ref _sketches, capacity * sketches);
        }
        Array.Copy(_tiles, at, _tiles, at + 1, Count - at);
        Array.Copy(_sketches, at * sketches, _sketches, (at + 1) * sketches, (Count - at) * sketches);
        Array.Clear(_sketches, at * sketches, sketches);
        Count++;
    }
}
