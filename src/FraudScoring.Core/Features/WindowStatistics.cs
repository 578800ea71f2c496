using System.Runtime.CompilerServices;

namespace FraudScoring.Core.Features;

/// <summary>
/// Count, sum, mean, deviation, minimum and maximum of an entity's amounts in one window (now - length, now), both ends excluded.
/// </summary>
/// <remarks>
/// Exact while the recent events reach back beyond the window's old end, or that end cuts no tile that holds something. Else the tile
/// that is cut counts by the share of its span that lies inside, so the error is at most that one tile's content; for minimum and maximum
/// it counts if at least half of it lies inside.
/// </remarks>
public struct WindowStatistics
{
    private long _count;
    private Int128 _sum;
    private UInt128 _sumOfSquares;
    private double _partCount;
    private double _partSum;
    private double _partSumOfSquares;
    private long _min;
    private long _max;

    /// <summary>How many events; not a whole number when a tile is cut.</summary>
    public readonly double Count => _count + _partCount;

    /// <summary>Sum of amounts, minor units.</summary>
    public readonly double Sum => (double)_sum + _partSum;

    /// <summary>Mean amount, minor units; NaN when there is none.</summary>
    public readonly double Mean => Count > 0 ? Sum / Count : double.NaN;

    /// <summary>Smallest amount, minor units; NaN when there is none.</summary>
    public readonly double Min => Count > 0 && _max >= 0 ? _min : double.NaN;

    /// <summary>Largest amount, minor units; NaN when there is none.</summary>
    public readonly double Max => Count > 0 && _max >= 0 ? _max : double.NaN;

    /// <summary>Population standard deviation of amounts, minor units; NaN when there is none.</summary>
    public readonly double Deviation
    {
        get
        {
            if (_partCount > 0)
            {
                var mean = Mean;
                return Math.Sqrt(Math.Max(0, (((double)_sumOfSquares + _partSumOfSquares) / Count) - (mean * mean)));
            }
            // n * Σx² - (Σx)² is taken in integers: no digits are lost where the deviation is small beside the mean. 128 bits are enough
            // for ten million payments of the largest amount.
            return _count == 0 ? double.NaN : Math.Sqrt((double)(((Int128)_sumOfSquares * _count) - (_sum * _sum))) / _count;
        }
    }

    /// <summary>Collects the statistics of a profile's window.</summary>
    public static WindowStatistics Of(EntityProfile profile, EventWindow window, long nowMs)
    {
        var statistics = new WindowStatistics { _min = long.MaxValue, _max = -1 };
        var since = nowMs - window.LengthMs;
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            if (recent[i].TimeMs < nowMs)
            {
                statistics.Add(recent[i].Amount);
            }
        }
        if (profile.NeedsTiles(since))
        {
            statistics.AddTiles(profile.Rings[window.Level], profile.Plan.Levels[window.Level].WidthMs, since, nowMs);
        }
        return statistics;
    }

    /// <summary>The share of a tile's span that lies in (since, now), 0 to 1. The tile that holds now counts as whole: it is still filling.</summary>
    public static double ShareInside(long slot, long widthMs, long sinceMs, long nowMs)
    {
        long start = slot * widthMs, end = start + widthMs;
        return start >= nowMs || end <= sinceMs ? 0 : start >= sinceMs ? 1 : (double)(end - sinceMs) / widthMs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(long amount)
    {
        _count++;
        _sum += amount;
        _sumOfSquares += (UInt128)amount * (UInt128)amount;
        _min = Math.Min(_min, amount);
        _max = Math.Max(_max, amount);
    }

    private void AddTiles(TileRing ring, long widthMs, long sinceMs, long nowMs)
    {
        var tiles = ring.Tiles;
        for (var i = tiles.Length - 1; i >= 0; i--)
        {
            ref readonly var tile = ref tiles[i];
            var share = ShareInside(tile.Slot, widthMs, sinceMs, nowMs);
            if (share >= 1)
            {
                _count += tile.Count;
                _sum += tile.Sum;
                _sumOfSquares += tile.SumOfSquares;
            }
            else if (share > 0)
            {
                _partCount += tile.Count * share;
                _partSum += tile.Sum * share;
                _partSumOfSquares += (double)tile.SumOfSquares * share;
            }
            if (share >= 0.5)
            {
                _min = Math.Min(_min, tile.Min);
                _max = Math.Max(_max, tile.Max);
            }
        }
    }
}
