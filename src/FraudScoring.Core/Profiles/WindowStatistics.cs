using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// Count, sum, mean, deviation, minimum and maximum of an entity's amounts in one <see cref="EventWindow"/>.
/// </summary>
/// <remarks>
/// Exact while the recent events reach back beyond the window's start, or no tile with events is cut by the window's ends. Otherwise a tile
/// that is cut counts by the share of its span that lies inside, as if its events were spread evenly: the error is at most the content of
/// the cut tiles. Minimum and maximum cannot be divided, so for them a tile counts if at least half of it lies inside. Whole tiles are
/// summed as integers, shares as doubles. Events of unknown amount count, and are left out of everything else. Only values that the
/// window's level keeps may be read.
/// </remarks>
public struct WindowStatistics
{
    private long _count;
    private long _unknown;
    private Int128 _sum;
    private UInt128 _sumOfSquares;
    private double _partCount;
    private double _partUnknown;
    private double _partSum;
    private double _partSumOfSquares;
    private long _min;
    private long _max;

    /// <summary>Number of events; not a whole number if a tile is cut.</summary>
    public readonly double Count => _count + _partCount;

    /// <summary>Number of events whose amount is known.</summary>
    private readonly double Known => _count - _unknown + _partCount - _partUnknown;

    /// <summary>Sum of known amounts, in minor units.</summary>
    public readonly double Sum => (double)_sum + _partSum;

    /// <summary>Mean amount, in minor units; NaN if there is none.</summary>
    public readonly double Mean => Known > 0 ? Sum / Known : double.NaN;

    /// <summary>Smallest amount, in minor units; NaN if there is none.</summary>
    public readonly double Min => Known > 0 && _max >= 0 ? _min : double.NaN;

    /// <summary>Largest amount, in minor units; NaN if there is none.</summary>
    public readonly double Max => Known > 0 && _max >= 0 ? _max : double.NaN;

    /// <summary>Population standard deviation of amounts, in minor units; NaN if there are no amounts.</summary>
    public readonly double Deviation
    {
        get
        {
            if (_partCount > 0)
            {
                var mean = Mean;
                if (double.IsNaN(mean))
                {
                    return double.NaN;
                }
                // Shares are doubles, so nothing exact is left to keep; rounding may put the variance just below 0.
                return Math.Sqrt(Math.Max(0, (((double)_sumOfSquares + _partSumOfSquares) / Known) - (mean * mean)));
            }
            // n * Σx² - (Σx)² is computed in integers: with doubles, the difference of two large numbers loses the digits of a deviation
            // that is small compared with the mean. 128 bits are enough for ten million payments of the largest amount.
            var known = _count - _unknown;
            return known == 0 ? double.NaN : Math.Sqrt((double)(((Int128)_sumOfSquares * known) - (_sum * _sum))) / known;
        }
    }

    /// <summary>Computes the statistics of a window of a profile.</summary>
    public static WindowStatistics Compute(EntityProfile profile, EventWindow window, long nowMs)
    {
        // A maximum of -1 means that no amount was seen. The count does not say so: a tile less than half inside adds to it alone.
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
        if (amount < 0)
        {
            _unknown++;
            return;
        }
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
            var share = window.ShareInside(level, tile.Number, nowMs);
            if (share >= 1)
            {
                _count += tile.Count;
                _unknown += tile.Unknown;
                _sum += tile.Sum;
                _sumOfSquares += tile.SumOfSquares;
            }
            else if (share > 0)
            {
                _partCount += tile.Count * share;
                _partUnknown += tile.Unknown * share;
                _partSum += tile.Sum * share;
                _partSumOfSquares += (double)tile.SumOfSquares * share;
            }
            if (share >= 0.5 && tile.Known > 0)
            {
                _min = Math.Min(_min, tile.Min);
                _max = Math.Max(_max, tile.Max);
            }
        }
    }
}
