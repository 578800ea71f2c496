using System.Numerics;

namespace FraudScoring.Core.Catalogue;

/// <summary>What tiles keep besides how many events they hold.</summary>
[Flags]
public enum TileContents
{
    /// <summary>Nothing else.</summary>
    None = 0,
    /// <summary>The sum of amounts.</summary>
    Sum = 1,
    /// <summary>The sum of squared amounts.</summary>
    Squares = 2,
    /// <summary>The smallest amount.</summary>
    Min = 4,
    /// <summary>The largest amount.</summary>
    Max = 8,
    /// <summary>How many amounts of each size: a histogram.</summary>
    Amounts = 16,
}

/// <summary>A ring of tiles of equal width, aligned to the Unix epoch.</summary>
/// <param name="WidthMs">Width of one tile in milliseconds.</param>
/// <param name="Count">How many tiles are kept, the current one included.</param>
/// <param name="Filter">Index of the filter whose payments alone are in the tiles, or -1: all are.</param>
/// <param name="Contents">What the tiles keep of amounts.</param>
/// <param name="Sketches">One bit per dimension: its distinct values are counted.</param>
public readonly record struct TileLevel(
    long WidthMs, int Count, int Filter = -1, TileContents Contents = TileContents.None, byte Sketches = 0)
{
    /// <summary>How many sketches each tile has.</summary>
    public int SketchCount => BitOperations.PopCount(Sketches);

    /// <summary>The tile that holds an instant.</summary>
    public long SlotOf(long timeMs) => Math.DivRem(timeMs, WidthMs) is var (slot, rest) && rest < 0 ? slot - 1 : slot;

    /// <summary>Which of a tile's sketches counts a dimension, or -1.</summary>
    public int SketchOf(int dimension) =>
        (Sketches >> dimension & 1) == 0 ? -1 : BitOperations.PopCount((uint)(Sketches & ((1 << dimension) - 1)));

    /// <summary>
    /// The share of a tile's span that lies in (since, end), 0 to 1. Where the window ends now, the tile that holds now counts as whole:
    /// it is still filling.
    /// </summary>
    public double ShareInside(long slot, long sinceMs, long endMs, bool endsNow)
    {
        long first = slot * WidthMs, last = first + WidthMs;
        if (first >= endMs || last <= sinceMs)
        {
            return 0;
        }
        long from = Math.Max(first, sinceMs), to = endsNow ? last : Math.Min(last, endMs);
        return to - from == WidthMs ? 1 : (double)(to - from) / WidthMs;
    }
}
