using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Profiles;

/// <summary>Computes values of a profile that are not in <see cref="WindowStatistics"/>.</summary>
internal static class ProfileReadings
{
    private const double EarthRadiusKm = 6371.0088;

    /// <summary>
    /// The number of distinct values of a dimension in the window: exact while the recent events reach back beyond it, otherwise estimated
    /// by
    /// <see cref="DistinctSketch"/>. A sketch cannot be divided, so a tile at the edge counts if at least half of its span is inside.
    /// </summary>
    public static double Distinct(EntityProfile profile, EventWindow window, int dimension, long nowMs)
    {
        var sketch = default(DistinctSketch);
        if (profile.NeedsTiles(window, window.SinceMs(nowMs)))
        {
            MergeTiles(profile.Rings[window.Level], window, dimension, nowMs, ref sketch);
        }
        // If no tile in the window holds a value of the dimension, the recent events alone give the exact number.
        return sketch.IsEmpty
            ? DistinctRecent(profile.Recent, window, dimension, nowMs)
            : DistinctWithRecent(profile.Recent, window, dimension, nowMs, sketch);
    }

    /// <summary>Counts the recent events of the window with this value of a dimension. Events in tiles are ignored.</summary>
    public static double CountSame(EntityProfile profile, EventWindow window, int dimension, uint value, long nowMs)
    {
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        var count = 0;
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            var counts = recent[i].TimeMs < end && recent[i].Dimensions[dimension] == value && recent[i].Passes(window.Filter);
            count += counts ? 1 : 0;
        }
        return count;
    }

    /// <summary>
    /// The sum of the window's amounts in minor units, each halved once per half-life of its age. All amounts of a tile get the age of the
    /// middle of its span, so each is off by a factor of 2^(width / 2 / half-life) at most.
    /// </summary>
    public static double DecayedSum(EntityProfile profile, EventWindow window, double halfLifeMs, long nowMs)
    {
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        var sum = 0.0;
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            if (recent[i].TimeMs < end && recent[i].Amount >= 0 && recent[i].Passes(window.Filter))
            {
                sum += recent[i].Amount * double.Exp2(-(nowMs - recent[i].TimeMs) / halfLifeMs);
            }
        }
        if (profile.NeedsTiles(window, since))
        {
            var ring = profile.Rings[window.Level];
            var level = ring.Level;
            foreach (ref readonly var tile in ring.Tiles)
            {
                // The middle of the tile that holds now may be in the future.
                var age = Math.Max(0, nowMs - (tile.Number * level.WidthMs) - (level.WidthMs / 2));
                sum += tile.Sum * window.ShareInside(level, tile.Number, nowMs) * double.Exp2(-age / halfLifeMs);
            }
        }
        return sum;
    }

    /// <summary>Number of days within the window since the entity's first payment; NaN if that is not before the window's end.</summary>
    public static double DaysKnown(EntityProfile profile, EventWindow window, long nowMs)
    {
        var end = window.EndMs(nowMs);
        return profile.FirstMs >= end ? double.NaN : Math.Min(window.LengthMs, end - profile.FirstMs) / (double)MillisecondsPer.Day;
    }

    /// <summary>
    /// Index of the newest recent event before now that passes the filter; -1 if there is none within the retention. Older events may or
    /// may not have been dropped yet, depending on which events came since, and a value must not depend on that.
    /// </summary>
    public static int LastBefore(EntityProfile profile, long nowMs, int filter = -1)
    {
        var recent = profile.Recent;
        var i = recent.Length - 1;
        while (i >= 0 && (recent[i].TimeMs >= nowMs || !recent[i].Passes(filter)))
        {
            i--;
        }
        return i >= 0 && recent[i].TimeMs > nowMs - profile.Plan.RetentionMs ? i : -1;
    }

    /// <summary>
    /// Great-circle distance in kilometres (haversine) and time in hours since the newest event with a location, before now and within the
    /// retention.
    /// </summary>
    public static bool TryTravel(EntityProfile profile, double latitude, double longitude, long nowMs, out double km, out double hours)
    {
        (km, hours) = (double.NaN, double.NaN);
        var recent = profile.Recent;
        var i = LastBefore(profile, nowMs);
        while (i >= 0 && recent[i].LatitudeE4 == ProfileEvent.NoLocation)
        {
            i--;
        }
        if (i < 0 || recent[i].TimeMs <= nowMs - profile.Plan.RetentionMs || double.IsNaN(latitude))
        {
            return false;
        }
        km = Distance(recent[i].LatitudeE4 / 1e4, recent[i].LongitudeE4 / 1e4, latitude, longitude);
        hours = (nowMs - recent[i].TimeMs) / (double)MillisecondsPer.Hour;
        return true;
    }

    internal static double Distance(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        double phi1 = double.DegreesToRadians(latitude1), phi2 = double.DegreesToRadians(latitude2);
        var a = Math.Sin((phi2 - phi1) / 2);
        var b = Math.Sin(double.DegreesToRadians(longitude2 - longitude1) / 2);
        // For opposite points rounding can put the root above 1, whose arcsine is NaN.
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt((a * a) + (Math.Cos(phi1) * Math.Cos(phi2) * b * b))));
    }

    private static void MergeTiles(TileRing ring, EventWindow window, int dimension, long nowMs, ref DistinctSketch into)
    {
        var level = ring.Level;
        var sketch = level.SketchOf(dimension);
        for (var i = 0; i < ring.Count; i++)
        {
            if (window.ShareInside(level, ring[i].Number, nowMs) >= 0.5)
            {
                into.Merge(ring.Sketch(i, sketch));
            }
        }
    }

    private static double DistinctWithRecent(
        ReadOnlySpan<ProfileEvent> recent, EventWindow window, int dimension, long nowMs, DistinctSketch sketch)
    {
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            if (recent[i].TimeMs < end && recent[i].Passes(window.Filter))
            {
                sketch.Add(recent[i].Dimensions[dimension]);
            }
        }
        return Math.Round(sketch.Estimate());
    }

    private static double DistinctRecent(ReadOnlySpan<ProfileEvent> recent, EventWindow window, int dimension, long nowMs)
    {
        long since = window.SinceMs(nowMs), end = window.EndMs(nowMs);
        // An open-addressing hash set on the stack: twice as many cells as there can be events, and no allocation.
        Span<uint> seen = stackalloc uint[512];
        seen.Clear();
        var count = 0;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            var value = recent[i].TimeMs < end && recent[i].Passes(window.Filter) ? recent[i].Dimensions[dimension] : 0;
            var cell = (int)(value * 0x9E3779B1u >> 23);
            while (value != 0 && seen[cell] != 0 && seen[cell] != value)
            {
                cell = (cell + 1) & 511;
            }
            if (value != 0 && seen[cell] == 0)
            {
                seen[cell] = value;
                count++;
            }
        }
        return count;
    }
}
