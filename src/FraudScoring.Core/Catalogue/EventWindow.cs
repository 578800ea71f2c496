namespace FraudScoring.Core.Catalogue;

/// <summary>A window over an entity's events: (now - delay - length, now - delay), both ends excluded.</summary>
/// <param name="LengthMs">Length in milliseconds.</param>
/// <param name="Level">Index of the tile level that covers it beyond the recent events; -1 when only those are looked at.</param>
/// <param name="DelayMs">How long before now the window ends, in milliseconds.</param>
/// <param name="Filter">Index of the filter that its events must pass, or -1: all count.</param>
public readonly record struct EventWindow(long LengthMs, int Level, long DelayMs = 0, int Filter = -1)
{
    /// <summary>The window's old end, which is not part of it.</summary>
    public long SinceMs(long nowMs) => nowMs - DelayMs - LengthMs;

    /// <summary>The window's new end, which is not part of it.</summary>
    public long EndMs(long nowMs) => nowMs - DelayMs;

    /// <summary>The share of a tile's span that lies inside.</summary>
    public double ShareInside(in TileLevel level, long slot, long nowMs) =>
        level.ShareInside(slot, SinceMs(nowMs), EndMs(nowMs), DelayMs == 0);
}

/// <summary>A window over the arrival of an entity's labels: (now - delay - length, now - delay), both ends excluded.</summary>
/// <param name="LengthMs">Length in milliseconds.</param>
/// <param name="DelayMs">How long before now the window ends, in milliseconds.</param>
public readonly record struct LabelWindow(long LengthMs, long DelayMs);
