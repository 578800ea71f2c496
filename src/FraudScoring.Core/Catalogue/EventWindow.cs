namespace FraudScoring.Core.Catalogue;

/// <summary>A window over an entity's events: (now - delay - length, now - delay), both ends excluded.</summary>
/// <remarks>
/// The end is excluded so that a payment is never part of its own history. A window is answered from the events kept individually while
/// they reach back beyond its start, which is exact. Otherwise tiles cover the older part: see <see cref="Profiles.WindowStatistics"/>
/// for the error this causes.
/// </remarks>
/// <param name="LengthMs">Length in milliseconds.</param>
/// <param name="Level">Index of the tile level that covers the window beyond the recent events; -1 if only recent events are read.</param>
/// <param name="DelayMs">Distance of the window's end from now, in milliseconds.</param>
/// <param name="Filter">Index of the filter that its events must pass; -1 if all events count.</param>
public readonly record struct EventWindow(long LengthMs, int Level, long DelayMs = 0, int Filter = -1)
{
    /// <summary>The window's start, which is not part of it, in milliseconds since the Unix epoch.</summary>
    public long SinceMs(long nowMs) => nowMs - DelayMs - LengthMs;

    /// <summary>The window's end, which is not part of it, in milliseconds since the Unix epoch.</summary>
    public long EndMs(long nowMs) => nowMs - DelayMs;

    /// <summary>The share of a tile's span that lies inside the window, 0 to 1.</summary>
    public double ShareInside(in TileLevel level, long tileNumber, long nowMs) =>
        level.ShareInside(tileNumber, SinceMs(nowMs), EndMs(nowMs), DelayMs == 0);
}

/// <summary>A window over the arrival of an entity's labels: (now - delay - length, now - delay), both ends excluded.</summary>
/// <param name="LengthMs">Length in milliseconds.</param>
/// <param name="DelayMs">Distance of the window's end from now, in milliseconds.</param>
public readonly record struct LabelWindow(long LengthMs, long DelayMs);
