using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>
/// Every event of an entity, kept for ever: the ground truth that a profile's readings are compared with. Nothing here shares code with
/// the profile; windows are taken from the list each time.
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

    /// <summary>The events that a profile must keep one by one, oldest first.</summary>
    public ProfileEvent[] Recent()
    {
        var oldest = NewestMs - plan.RetentionMs;
        return _recent ??= [.. _events.Where(e => e.TimeMs > oldest).OrderBy(e => e.TimeMs).ThenBy(e => e.Id)
            .TakeLast(plan.RecentCapacity)];
    }

    public ProfileEvent[] Inside(long sinceMs, long nowMs) => [.. _events.Where(e => e.TimeMs > sinceMs && e.TimeMs < nowMs)];

    /// <summary>
    /// Events a window's readings may wrongly hold, wholly or in part, or miss: those in tiles that an end of the window cuts, and those in
    /// tiles that are dropped already because newer events have come than the window's end.
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
            var slot = FloorDivide(e.TimeMs, level.WidthMs);
            var isCut = slot == FloorDivide(since, level.WidthMs) || (slot == FloorDivide(nowMs, level.WidthMs) && e.TimeMs >= nowMs);
            var isDropped = nowMs < NewestMs && slot < first && e.TimeMs > since && e.TimeMs < nowMs;
            return isCut || isDropped;
        }
    }

    /// <summary>True when every event of the window is kept one by one, and no tile is read for it.</summary>
    public bool IsExact(long sinceMs, long nowMs)
    {
        var recent = Recent();
        return recent.Length == _events.Count || (recent.Length > 0 && recent[0].TimeMs <= sinceMs)
            || (recent.Length > 0 && nowMs <= sinceMs);
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
