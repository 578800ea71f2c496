namespace FraudScoring.Core.Features;

/// <summary>What can be read from a profile besides <see cref="WindowStatistics"/>.</summary>
internal static class ProfileReadings
{
    private const double EarthRadiusKm = 6371.0088;

    /// <summary>
    /// How many distinct values of a dimension the window holds: exact while the recent events reach back beyond it, else by
    /// <see cref="DistinctSketch"/>. Cut tiles count when at least half of their span lies inside.
    /// </summary>
    public static double Distinct(EntityProfile profile, EventWindow window, int dimension, long nowMs)
    {
        var since = nowMs - window.LengthMs;
        var sketch = default(DistinctSketch);
        if (profile.Plan.DimensionIsSketched[dimension] && profile.NeedsTiles(since))
        {
            MergeTiles(profile, window, dimension, since, nowMs, ref sketch);
        }
        return sketch.IsEmpty
            ? DistinctRecent(profile.Recent, dimension, since, nowMs)
            : DistinctWithRecent(profile.Recent, dimension, since, nowMs, sketch);
    }

    /// <summary>How many recent events of the window have this value in a dimension. Events in tiles are not seen.</summary>
    public static double CountSame(EntityProfile profile, EventWindow window, int dimension, uint value, long nowMs)
    {
        var count = 0;
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > nowMs - window.LengthMs; i--)
        {
            count += recent[i].TimeMs < nowMs && recent[i].Dimensions[dimension] == value ? 1 : 0;
        }
        return count;
    }

    /// <summary>
    /// The newest event before now, or -1 when there is none within the retention: an older one may or may not have left the profile,
    /// depending on which events came since, and a reading must not depend on that.
    /// </summary>
    public static int LastBefore(EntityProfile profile, long nowMs)
    {
        var recent = profile.Recent;
        var i = recent.Length - 1;
        while (i >= 0 && recent[i].TimeMs >= nowMs)
        {
            i--;
        }
        return i >= 0 && recent[i].TimeMs > nowMs - profile.Plan.RetentionMs ? i : -1;
    }

    /// <summary>Great-circle distance in kilometres (haversine), and hours passed, since the newest located event before now and within the retention.</summary>
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
        hours = (nowMs - recent[i].TimeMs) / 3_600_000.0;
        return true;
    }

    internal static double Distance(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        double phi1 = double.DegreesToRadians(latitude1), phi2 = double.DegreesToRadians(latitude2);
        var a = Math.Sin((phi2 - phi1) / 2);
        var b = Math.Sin(double.DegreesToRadians(longitude2 - longitude1) / 2);
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt((a * a) + (Math.Cos(phi1) * Math.Cos(phi2) * b * b))));
    }

    private static void MergeTiles(EntityProfile profile, EventWindow window, int dimension, long since, long nowMs, ref DistinctSketch into)
    {
        var sketchIndex = 0;
        for (var d = 0; d < dimension; d++)
        {
            sketchIndex += profile.Plan.DimensionIsSketched[d] ? 1 : 0;
        }
        var ring = profile.Rings[window.Level];
        for (var i = 0; i < ring.Count; i++)
        {
            if (WindowStatistics.ShareInside(ring[i].Slot, profile.Plan.Levels[window.Level].WidthMs, since, nowMs) >= 0.5)
            {
                into.Merge(ring.Sketch(i, sketchIndex));
            }
        }
    }

    private static double DistinctWithRecent(ReadOnlySpan<ProfileEvent> recent, int dimension, long since, long nowMs, DistinctSketch sketch)
    {
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            if (recent[i].TimeMs < nowMs)
            {
                sketch.Add(recent[i].Dimensions[dimension]);
            }
        }
        return Math.Round(sketch.Estimate());
    }

    private static double DistinctRecent(ReadOnlySpan<ProfileEvent> recent, int dimension, long since, long nowMs)
    {
        Span<uint> seen = stackalloc uint[512];
        seen.Clear();
        var count = 0;
        for (var i = recent.Length - 1; i >= 0 && recent[i].TimeMs > since; i--)
        {
            var value = recent[i].TimeMs < nowMs ? recent[i].Dimensions[dimension] : 0;
            var slot = (int)(value * 0x9E3779B1u >> 23);
            while (value != 0 && seen[slot] != 0 && seen[slot] != value)
            {
                slot = (slot + 1) & 511;
            }
            if (value != 0 && seen[slot] == 0)
            {
                seen[slot] = value;
                count++;
            }
        }
        return count;
    }
}
