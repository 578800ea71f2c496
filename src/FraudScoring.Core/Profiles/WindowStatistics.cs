using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// Count, sum, mean, deviation, minimum and maximum of an entity's amounts in one <see cref="EventWindow"/>.
/// </summary>
/// <remarks>
/// Exact while the recent events reach back beyond the window's old end, or its ends cut no tile that holds something. Else a tile
/// that is cut counts by the share of its span that lies inside, so the error is at most the cut tiles' content; for minimum and maximum
/// a tile counts if at least half of it lies inside. Only what the window's level keeps may be read.
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
    public static WindowStatistics Compute(EntityProfile profile, EventWindow window, long nowMs)
    {
        var statistics = new WindowStatistics { _min = long.MaxValue, _max = -1 };
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            if (recent[i].TimeMs < end && recent[i].Passes(window.Filter))
            {
                statistics.Add(recent[i].Amount);
            }
        }
        if (profile.NeedsTiles(window, since))
        {
            statistics.AddTiles(profile.Rings[window.Level], window, nowMs);
        }
        return statistics;
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

    private void AddTiles(TileRing ring, EventWindow window, long nowMs)
    {
        var tiles = ring.Tiles;
        var level = ring.Level;
        for (var i = tiles.Length - 1; i >= 0; i--)
        {
            ref readonly var tile = ref tiles[i];
            var share = window.ShareInside(level, tile.Slot, nowMs);
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
