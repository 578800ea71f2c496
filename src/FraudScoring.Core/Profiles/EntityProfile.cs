using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The history of one entity, bounded: its newest events exactly, older ones in tiles, then nothing; and the same for its labels.
/// </summary>
/// <remarks>
/// The state is a function of the set of events alone: of the events inside the retention, counted from the newest event, the newest
/// <see cref="EntityPlan.RecentCapacity"/> by (time, id) are kept one by one; all others are summed into every tile level that still
/// reaches back to them. Sums are integers. So events may be added in any order with the same result, to the bit. Not safe for use from
/// several threads at once; instances are meant to be reused (<see cref="Clear"/>).
/// </remarks>
public sealed class EntityProfile
{
    private ProfileEvent[] _recent = [];

    /// <param name="plan">What the profile keeps.</param>
    public EntityProfile(EntityPlan plan)
    {
        Plan = plan;
        Rings = Array.ConvertAll(plan.Levels, level => new TileRing(level));
        FilterFirstMs = new long[plan.Filters.Length];
        Labels = new LabelHistory(plan.LabelCapacity, plan.LabelLevel, plan.CountsAllLabels);
        Attempts = new AttemptHistory(plan.AttemptCapacity);
        Clear();
    }

    /// <summary>What this profile keeps.</summary>
    public EntityPlan Plan { get; }

    /// <summary>How often the stored value was replaced: what a compare-and-set compares.</summary>
    public ulong Revision { get; set; }

    /// <summary>Time of the oldest event ever added, milliseconds since the Unix epoch; <see cref="long.MaxValue"/> when empty.</summary>
    public long FirstMs { get; internal set; }

    /// <summary>Time of the newest event, milliseconds since the Unix epoch; <see cref="long.MinValue"/> when empty.</summary>
    public long NewestMs { get; internal set; }

    /// <summary>The events kept one by one, oldest first.</summary>
    public ReadOnlySpan<ProfileEvent> Recent => _recent.AsSpan(0, RecentCount);

    /// <summary>Which records of the log are in this profile.</summary>
    public AppliedOffsets Applied { get; } = new();

    /// <summary>What became known of this entity's payments.</summary>
    public LabelHistory Labels { get; }

    /// <summary>
    /// The newest requests to score a payment of this entity. Not part of the stored profile: requests are counted before their payments
    /// reach the log.
    /// </summary>
    public AttemptHistory Attempts { get; }

    internal TileRing[] Rings { get; }

    internal int RecentCount { get; private set; }

    /// <summary>Time of the oldest event that passes each filter; <see cref="long.MaxValue"/> when there is none.</summary>
    internal long[] FilterFirstMs { get; }

    /// <summary>Forgets everything, for the next use.</summary>
    public void Clear()
    {
        Revision = 0;
        FirstMs = long.MaxValue;
        NewestMs = long.MinValue;
        RecentCount = 0;
        Array.Fill(FilterFirstMs, long.MaxValue);
        Applied.Clear();
        Labels.Clear();
        Attempts.Clear();
        foreach (var ring in Rings)
        {
            ring.Clear();
        }
    }

    /// <summary>Adds a payment's event. Adding one that is among the recent events changes nothing.</summary>
    /// <returns>False when the event was known.</returns>
    public bool Add(in ProfileEvent added)
    {
        NoteFirst(added);
        Advance(added.TimeMs);
        var at = RecentCount;
        while (at > 0 && ProfileEvent.Compare(_recent[at - 1], added) >= 0)
        {
            at--;
        }
        if (at < RecentCount && _recent[at].Id == added.Id && _recent[at].TimeMs == added.TimeMs)
        {
            return false;
        }
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

    /// <summary>True unless the recent events reach back beyond a window's old end: all that is in tiles is older than they are.</summary>
    internal bool NeedsTiles(EventWindow window, long sinceMs) =>
        window.Level >= 0 && (RecentCount == 0 || _recent[0].TimeMs > sinceMs);

    /// <summary>Room for recent events, oldest first, which the codec fills.</summary>
    internal Span<ProfileEvent> ReserveRecent(int count)
    {
        if (_recent.Length < count)
        {
            Array.Resize(ref _recent, Math.Min(Plan.RecentCapacity, Math.Max(count, _recent.Length * 2)));
        }
        RecentCount = count;
        return _recent.AsSpan(0, count);
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
            Rings[l].DropBefore(OldestSlot(l));
        }
        while (expired < RecentCount && _recent[expired].TimeMs <= timeMs - Plan.RetentionMs)
        {
            AddToTiles(_recent[expired++]);
        }
        Array.Copy(_recent, expired, _recent, 0, RecentCount - expired);
        RecentCount -= expired;
    }

    private long OldestSlot(int level) => Plan.Levels[level].SlotOf(NewestMs) - Plan.Levels[level].Count + 1;

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
            if (old.Passes(Plan.Levels[l].Filter) && Plan.Levels[l].SlotOf(old.TimeMs) >= OldestSlot(l))
            {
                Rings[l].Add(old);
            }
        }
    }
}
