using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>
/// The complete event history of an entity, as ground truth for a profile's readings. It shares no code with the profile; windows are
/// computed from the whole list each time.
/// </summary>
internal sealed class RawHistory(EntityPlan plan)
{
    private readonly List<ProfileEvent> _events = [];
    private ProfileEvent[]? _recent;

    public IReadOnlyList<ProfileEvent> Events => _events;

    public long NewestMs { get; private set; } = long.MinValue;

    public void Add(in ProfileEvent added)
    {
        _events.Add(added);
        (NewestMs, _recent) = (Math.Max(NewestMs, added.TimeMs), null);
    }

    /// <summary>The events that a profile must keep individually, oldest first.</summary>
    public ProfileEvent[] Recent()
    {
        var oldest = NewestMs - plan.RetentionMs;
        return _recent ??= [.. _events.Where(e => e.TimeMs > oldest).OrderBy(e => e.TimeMs).ThenBy(e => e.Id)
            .TakeLast(plan.RecentCapacity)];
    }

    public ProfileEvent[] Inside(long sinceMs, long nowMs) => [.. _events.Where(e => e.TimeMs > sinceMs && e.TimeMs < nowMs)];

    /// <summary>
    /// Events that a window's readings may include wrongly, include in part, or miss: those in tiles cut by an end of the window, and those
    /// in tiles already dropped because of events after the window's end.
    /// </summary>
    public ProfileEvent[] Uncertain(EventWindow window, long nowMs)
    {
        var since = nowMs - window.LengthMs;
        var recent = Recent();
        if (recent.Length > 0 && recent[0].TimeMs <= since)
        {
            return [];
        }
        var level = plan.Levels[window.Level];
        var first = FloorDivide(NewestMs, level.WidthMs) - level.Count + 1;
        var kept = recent.Select(e => (e.TimeMs, e.Id)).ToHashSet();
        return [.. _events.Where(e => !kept.Contains((e.TimeMs, e.Id))).Where(IsUncertain)];

        bool IsUncertain(ProfileEvent e)
        {
            var tile = FloorDivide(e.TimeMs, level.WidthMs);
            var isCut = tile == FloorDivide(since, level.WidthMs) || (tile == FloorDivide(nowMs, level.WidthMs) && e.TimeMs >= nowMs);
            var isDropped = nowMs < NewestMs && tile < first && e.TimeMs > since && e.TimeMs < nowMs;
            return isCut || isDropped;
        }
    }

    /// <summary>True if every event of the window is kept individually and no tile is read.</summary>
    public bool IsExact(long sinceMs, long nowMs)
    {
        var recent = Recent();
        return recent.Length == _events.Count || (recent.Length > 0 && recent[0].TimeMs <= sinceMs)
            || (recent.Length > 0 && nowMs <= sinceMs);
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
