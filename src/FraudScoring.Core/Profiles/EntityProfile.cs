using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The history of one entity in bounded memory: the newest events individually, older ones aggregated in tiles; the same for its labels.
/// </summary>
/// <remarks>
/// <para>
/// Keeping every event would be exact, but a busy merchant has thousands per hour, and each score reads the whole profile. Tiles alone
/// would blur short windows, which are the strongest signals. Individual events first, then tiles, make most windows exact and bound the
/// size.
/// </para>
/// <para>
/// The state is a function of the set of events alone. Of the events within the retention of the newest event, the newest
/// <see cref="EntityPlan.RecentCapacity"/> by (time, id) are kept individually; all others are summed into every tile level that still
/// reaches back to them. Sums are integers. So events may be added in any order with the same result, to the bit: partitions need no common
/// order, and a replay for training gives the profiles that served the payment.
/// </para>
/// <para>
/// A duplicate is recognised only among the recent events; <see cref="AppliedOffsets"/> keeps duplicates of records out. Not safe for
/// concurrent use. Instances are meant to be reused (<see cref="Clear"/>).
/// </para>
/// </remarks>
public sealed class EntityProfile
{
    private ProfileEvent[] _recent = [];

    /// <param name="plan">Defines what the profile keeps.</param>
    public EntityProfile(EntityPlan plan)
    {
        Plan = plan;
        Rings = Array.ConvertAll(plan.Levels, level => new TileRing(level));
        FilterFirstMs = new long[plan.Filters.Length];
        Labels = LabelHistory.Create(plan);
        Attempts = new AttemptHistory(plan.AttemptCapacity);
        Clear();
    }

    /// <summary>Defines what this profile keeps.</summary>
    public EntityPlan Plan { get; }

    /// <summary>Version of the stored value, which compare-and-set compares.</summary>
    public ulong Revision { get; set; }

    /// <summary>Time of the oldest event ever added, in milliseconds since the Unix epoch; <see cref="long.MaxValue"/> if empty.</summary>
    public long FirstMs { get; internal set; }

    /// <summary>Time of the newest event, in milliseconds since the Unix epoch; <see cref="long.MinValue"/> if empty.</summary>
    public long NewestMs { get; internal set; }

    /// <summary>The events that are kept individually, oldest first.</summary>
    public ReadOnlySpan<ProfileEvent> Recent => _recent.AsSpan(0, RecentCount);

    /// <summary>The records of the event log that were applied to this profile.</summary>
    public AppliedOffsets Applied { get; } = new();

    /// <summary>The labels of this entity's payments.</summary>
    public LabelHistory Labels { get; }

    /// <summary>
    /// The newest requests to score a payment of this entity. Not part of the stored profile, because requests are counted when they
    /// arrive, before their payments are in the event log.
    /// </summary>
    public AttemptHistory Attempts { get; }

    internal TileRing[] Rings { get; }

    internal int RecentCount { get; private set; }

    /// <summary>Time of the oldest event ever that passes each filter; <see cref="long.MaxValue"/> if there is none.</summary>
    internal long[] FilterFirstMs { get; }

    /// <summary>Resets the profile to empty, for reuse.</summary>
    public void Clear()
    {
        Revision = 0;
        Applied.Clear();
        Attempts.Clear();
        ClearHistory();
    }

    /// <summary>
    /// Removes all payments and labels, but keeps the payments after a time, and their labels, as far as they are kept individually. The
    /// records stay applied: none of them comes back when it is read again.
    /// </summary>
    /// <param name="untilMs">Time of the last payment to remove, milliseconds since the Unix epoch.</param>
    public void ClearUntil(long untilMs)
    {
        var newer = Array.FindAll(Recent.ToArray(), kept => kept.TimeMs > untilMs);
        var ids = newer.Select(kept => kept.Id).ToHashSet();
        var labels = Labels.EarlierFrauds.Concat(Labels.Recent).Select(kept => kept.Label).Where(label => ids.Contains(label.Id)).ToArray();
        ClearHistory();
        Array.ForEach(newer, kept => Add(kept));
        Array.ForEach(labels, label => Labels.Add(label));
    }

    /// <summary>
    /// Removes what is from before an erasure: score requests up to a time, and with <see cref="ClearUntil"/> the history, if any of it is.
    /// </summary>
    /// <param name="untilMs">Time of the erasure, milliseconds since the Unix epoch; <see cref="long.MinValue"/> for none.</param>
    /// <returns>True if the history has changed.</returns>
    public bool RemoveUntil(long untilMs)
    {
        Attempts.RemoveUntil(untilMs);
        // No label is older than its payment. A history that was cleared once has nothing up to that time, and keeps its tiles.
        if (untilMs < Math.Min(FirstMs, Labels.OldestMs))
        {
            return false;
        }
        ClearUntil(untilMs);
        return true;
    }

    /// <summary>Adds a payment's event. An event that is already among the recent events changes nothing.</summary>
    /// <returns>False if the event was already known.</returns>
    public bool Add(in ProfileEvent added)
    {
        // Before duplicates are recognised: both only take minima and maxima, so a repeated event changes nothing.
        NoteFirst(added);
        Advance(added.TimeMs);
        var at = RecentCount;
        // From the end, since almost every payment is newer than those before it. Stops at the index of an equal event.
        while (at > 0 && ProfileEvent.Compare(_recent[at - 1], added) >= 0)
        {
            at--;
        }
        if (at < RecentCount && _recent[at].Id == added.Id && _recent[at].TimeMs == added.TimeMs)
        {
            return false;
        }
        // Older than all recent events of a full list, or expired: goes straight into a tile, as if it had arrived in order.
        if (added.TimeMs <= NewestMs - Plan.RetentionMs || (at == 0 && RecentCount == Plan.RecentCapacity))
        {
            AddToTiles(added);
        }
        else if (RecentCount < Plan.RecentCapacity)
        {
            Insert(at, added);
        }
        else
        {
            AddToTiles(_recent[0]);
            Array.Copy(_recent, 1, _recent, 0, at - 1);
            _recent[at - 1] = added;
        }
        return true;
    }

    /// <summary>False if the recent events reach back beyond a window's start: everything in tiles is older than they are.</summary>
    internal bool NeedsTiles(EventWindow window, long sinceMs) =>
        // No event in a tile is newer than the oldest recent one. The start itself is not in the window, so equality needs no tiles.
        window.Level >= 0 && (RecentCount == 0 || _recent[0].TimeMs > sinceMs);

    /// <summary>Returns the buffer of the recent events, oldest first, for the codec to fill.</summary>
    internal Span<ProfileEvent> ReserveRecent(int count)
    {
        if (_recent.Length < count)
        {
            Array.Resize(ref _recent, Math.Min(Plan.RecentCapacity, Math.Max(count, _recent.Length * 2)));
        }
        RecentCount = count;
        return _recent.AsSpan(0, count);
    }

    private void ClearHistory()
    {
        FirstMs = long.MaxValue;
        NewestMs = long.MinValue;
        RecentCount = 0;
        Array.Fill(FilterFirstMs, long.MaxValue);
        Labels.Clear();
        foreach (var ring in Rings)
        {
            ring.Clear();
        }
    }

    private void Insert(int at, in ProfileEvent added)
    {
        if (RecentCount == _recent.Length)
        {
            Array.Resize(ref _recent, Math.Min(Plan.RecentCapacity, Math.Max(4, RecentCount * 2)));
        }
        Array.Copy(_recent, at, _recent, at + 1, RecentCount - at);
        _recent[at] = added;
        RecentCount++;
    }

    private void Advance(long timeMs)
    {
        if (timeMs <= NewestMs)
        {
            return;
        }
        NewestMs = timeMs;
        var expired = 0;
        for (var l = 0; l < Rings.Length; l++)
        {
            Rings[l].DropBefore(OldestTile(l));
        }
        // Moved, not dropped: the oldest tile begins before the retention does, and its content must not depend on the order of arrival.
        while (expired < RecentCount && _recent[expired].TimeMs <= timeMs - Plan.RetentionMs)
        {
            AddToTiles(_recent[expired++]);
        }
        Array.Copy(_recent, expired, _recent, 0, RecentCount - expired);
        RecentCount -= expired;
    }

    private long OldestTile(int level) => Plan.Levels[level].NumberOf(NewestMs) - Plan.Levels[level].Count + 1;

    private void NoteFirst(in ProfileEvent added)
    {
        FirstMs = Math.Min(FirstMs, added.TimeMs);
        for (var f = 0; f < FilterFirstMs.Length; f++)
        {
            if (added.Passes(f))
            {
                FilterFirstMs[f] = Math.Min(FilterFirstMs[f], added.TimeMs);
            }
        }
    }

    private void AddToTiles(in ProfileEvent old)
    {
        for (var l = 0; l < Rings.Length; l++)
        {
            // The same test for late events and for evicted ones, so a tile holds the same events in whatever order they came.
            if (old.Passes(Plan.Levels[l].Filter) && Plan.Levels[l].NumberOf(old.TimeMs) >= OldestTile(l))
            {
                Rings[l].Add(old);
            }
        }
    }
}
