using System.Numerics;

namespace FraudScoring.Core.Catalogue;

/// <summary>What tiles keep in addition to the number of events.</summary>
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
    /// <summary>A histogram of the amounts.</summary>
    Amounts = 16,
}

/// <summary>A series of tiles of equal width, aligned to the Unix epoch. Tile n spans [n * width, (n + 1) * width).</summary>
/// <remarks>
/// The alignment makes a tile a function of the events in its span alone. Tiles that slid with the clock would have to be rebuilt from
/// events that are no longer kept.
/// </remarks>
/// <param name="WidthMs">Width of one tile in milliseconds.</param>
/// <param name="Count">Number of tiles that are kept, including the newest.</param>
/// <param name="Filter">Index of the filter that payments in the tiles pass; -1 if the tiles hold all payments.</param>
/// <param name="Contents">What the tiles keep about amounts.</param>
/// <param name="Sketches">One bit per dimension, set if its distinct values are counted.</param>
public readonly record struct TileLevel(
    long WidthMs, int Count, int Filter = -1, TileContents Contents = TileContents.None, byte Sketches = 0)
{
    /// <summary>Number of sketches per tile.</summary>
    public int SketchCount => BitOperations.PopCount(Sketches);

    /// <summary>The number of the tile that holds an instant: time / width, rounded down, also before 1970.</summary>
    public long NumberOf(long timeMs) => Math.DivRem(timeMs, WidthMs) is var (number, rest) && rest < 0 ? number - 1 : number;

    /// <summary>Index of the sketch that counts a dimension's values; -1 if the level has none.</summary>
    public int SketchOf(int dimension) =>
        (Sketches >> dimension & 1) == 0 ? -1 : BitOperations.PopCount((uint)(Sketches & ((1 << dimension) - 1)));

    /// <summary>
    /// The share of a tile's span that lies in (since, end), 0 to 1. If the window ends now, the tile that holds now counts as whole,
    /// because it is still filling.
    /// </summary>
    public double ShareInside(long tileNumber, long sinceMs, long endMs, bool endsNow)
    {
        long first = tileNumber * WidthMs, last = first + WidthMs;
        if (first >= endMs || last <= sinceMs)
        {
            return 0;
        }
        long from = Math.Max(first, sinceMs), to = endsNow ? last : Math.Min(last, endMs);
        return to - from == WidthMs ? 1 : (double)(to - from) / WidthMs;
    }
}
