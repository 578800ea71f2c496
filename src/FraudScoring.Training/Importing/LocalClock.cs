namespace FraudScoring.Training.Importing;

/// <summary>Converts the local times of a zone to instants, as java.time does.</summary>
internal static class LocalClock
{
    /// <summary>
    /// The instant of a local time, milliseconds since the Unix epoch. A time that the clocks skipped is moved forward by the length of the
    /// gap; of a time that occurred twice, the earlier instant is taken.
    /// </summary>
    public static long ToUnixMs(DateTime local, TimeZoneInfo zone, out ClockChange change)
    {
        change = ClockChange.None;
        if (!zone.SupportsDaylightSavingTime && zone.BaseUtcOffset == TimeSpan.Zero)
        {
            return UnixOf(local);
        }
        // Not IsInvalidTime and IsAmbiguousTime: they know only the changes of daylight saving time, not those of a zone's standard time.
        var before = OffsetOf(zone, local.AddDays(-1));
        var after = OffsetOf(zone, local.AddDays(1));
        if (before == after)
        {
            return UnixOf(local) - (long)before.TotalMilliseconds;
        }
        var (isBefore, isAfter) = (OffsetOf(zone, local - before) == before, OffsetOf(zone, local - after) == after);
        change = isBefore == isAfter ? isBefore ? ClockChange.Repeated : ClockChange.Skipped : ClockChange.None;
        return UnixOf(local) - (long)(isAfter && !isBefore ? after : before).TotalMilliseconds;
    }

    private static TimeSpan OffsetOf(TimeZoneInfo zone, DateTime utc) => zone.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    private static long UnixOf(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
}

/// <summary>What a change of the clocks did to a local time.</summary>
internal enum ClockChange
{
    None,

    /// <summary>The clocks skipped it; it was moved forward.</summary>
    Skipped,

    /// <summary>It occurred twice; the earlier instant was taken.</summary>
    Repeated,
}
