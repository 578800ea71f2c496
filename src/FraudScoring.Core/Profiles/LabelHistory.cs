using System.Runtime.InteropServices;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The labels of an entity's payments: the newest by arrival individually, then the newest frauds before them, all others counted per day
/// of arrival.
/// </summary>
/// <remarks>
/// <para>
/// At any time a payment is what its latest label before that time says. It counts once, at the arrival of the first label that says so
/// without an opposite one since: fraud on day 1 and again by chargeback on day 40 is known fraud since day 1. Until it arrives, a
/// correction changes nothing.
/// </para>
/// <para>
/// Labels are sorted by arrival (label time), not by payment time: a chargeback arrives weeks after its payment, and a feature may use only
/// what was known at the time of scoring. The lists are bounded because a compromised merchant may collect thousands of labels. Frauds are
/// rare and are what features count, so they leave last; each remembers when it was taken back, because the label that took it back is
/// legitimate and leaves early.
/// </para>
/// <para>
/// What is only counted per day can no longer be found: a fraud behind that many newer ones counts although it is taken back, and a
/// legitimate label that has left the list still counts as one when its payment becomes fraud. Evicted labels count one by one and not per
/// payment, because only then the state does not depend on the order of arrival. It does not as long as the labels of one payment arrive in
/// order of their time, which the log's key provides, or are still in the list when an earlier one arrives.
/// </para>
/// </remarks>
/// <param name="capacity">Number of labels that are kept individually; 0 keeps no labels.</param>
/// <param name="fraudCapacity">Number of frauds that are kept individually in addition.</param>
/// <param name="level">The tiles that older labels are counted in.</param>
/// <param name="countsAll">True if tiles count legitimate labels as well as frauds.</param>
public sealed class LabelHistory(int capacity, int fraudCapacity, TileLevel level, bool countsAll)
{
    private readonly List<KeptLabel> _recent = [];
    private readonly List<KeptLabel> _frauds = [];
    private readonly List<LabelTile> _tiles = [];

    /// <summary>An empty history of the labels of one entity.</summary>
    /// <param name="plan">Defines what it keeps.</param>
    public static LabelHistory Create(EntityPlan plan) =>
        new(plan.LabelCapacity, EntityPlan.FraudCapacity, plan.LabelLevel, plan.CountsAllLabels);

    /// <summary>The newest labels, oldest arrival first.</summary>
    public IReadOnlyList<KeptLabel> Recent => _recent;

    /// <summary>The newest frauds that arrived before <see cref="Recent"/>, oldest first.</summary>
    public IReadOnlyList<KeptLabel> EarlierFrauds => _frauds;

    /// <summary>
    /// Arrival of the oldest label that is kept individually, in milliseconds since the Unix epoch; <see cref="long.MaxValue"/> if there
    /// is none.
    /// </summary>
    public long OldestMs => _frauds.Count > 0 ? _frauds[0].Label.LabelTimeMs
        : _recent.Count > 0 ? _recent[0].Label.LabelTimeMs : long.MaxValue;

    /// <summary>The counts of older labels per day of arrival, oldest first.</summary>
    public IReadOnlyList<LabelTile> Tiles => _tiles;

    /// <summary>Removes all labels.</summary>
    public void Clear()
    {
        _recent.Clear();
        _frauds.Clear();
        _tiles.Clear();
    }

    /// <summary>Adds a label.</summary>
    /// <returns>False if labels are not kept, or this one is already kept individually.</returns>
    public bool Add(in ProfileLabel added)
    {
        if (capacity == 0)
        {
            return false;
        }
        // Most payments are labelled once: one search, and nothing to compare the label with.
        var isFirst = !Contains(Kept, added.Id) && !Contains(KeptFrauds, added.Id);
        if (!isFirst && (Contains(Kept, added) || Contains(KeptFrauds, added)))
        {
            return false;
        }
        var end = isFirst ? KeptLabel.Never : Math.Min(NoteEnds(KeptFrauds, added), NoteEnds(Kept, added));
        // Inserted before the oldest one leaves: a late label that is itself the oldest goes where it would be had it come in time.
        Insert(_recent, new KeptLabel(added, end, Repeats: false));
        if (_recent.Count > capacity)
        {
            Evict();
        }
        if (!isFirst)
        {
            NoteRepeats(added.Id);
        }
        DropExpired();
        return true;
    }

    /// <summary>Counts the payments that became known as fraud, or as either, in each of some windows. Allocates nothing.</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="windows">
    /// The windows over the labels' arrival, ordered by delay and length: a longer window goes on where the shorter one stops, so that each
    /// label is visited once per delay.
    /// </param>
    /// <param name="counts">Destination with one element per window.</param>
    public void Count(long nowMs, ReadOnlySpan<LabelWindow> windows, Span<LabelCounts> counts)
    {
        counts.Clear();
        CountKept(Kept, nowMs, windows, counts);
        CountKept(KeptFrauds, nowMs, windows, counts);
        for (var w = 0; w < windows.Length; w++)
        {
            long end = nowMs - windows[w].DelayMs, since = end - windows[w].LengthMs;
            var (frauds, labels) = counts[w];
            foreach (ref readonly var tile in CollectionsMarshal.AsSpan(_tiles))
            {
                var share = level.ShareInside(tile.Day, since, end, windows[w].DelayMs == 0);
                frauds += tile.Frauds * share;
                labels += tile.Labels * share;
            }
            counts[w] = new LabelCounts(frauds, countsAll ? labels : double.NaN);
        }
    }

    /// <summary>
    /// When a payment last became known as fraud, of those that are still fraud, in milliseconds since the Unix epoch; null if none is
    /// kept.
    /// </summary>
    public long? LastFraudMs(long nowMs) => LastFraudMs(Kept, nowMs) ?? LastFraudMs(KeptFrauds, nowMs);

    /// <summary><see cref="Recent"/> as a span, valid until a label is added.</summary>
    internal Span<KeptLabel> Kept => CollectionsMarshal.AsSpan(_recent);

    /// <summary><see cref="EarlierFrauds"/> as a span, valid until a label is added.</summary>
    internal Span<KeptLabel> KeptFrauds => CollectionsMarshal.AsSpan(_frauds);

    internal void AppendRecent(in KeptLabel next) => _recent.Add(next);

    internal void AppendFraud(in KeptLabel next) => _frauds.Add(next);

    internal void AppendTile(in LabelTile next) => _tiles.Add(next);

    private static bool Contains(ReadOnlySpan<KeptLabel> kept, ulong id)
    {
        foreach (ref readonly var one in kept)
        {
            if (one.Label.Id == id)
            {
                return true;
            }
        }
        return false;
    }

    private static bool Contains(ReadOnlySpan<KeptLabel> kept, in ProfileLabel label)
    {
        foreach (ref readonly var one in kept)
        {
            if (one.Label == label)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Ends the payment's kept labels that a new one contradicts.</summary>
    /// <returns>The end of the new label, as far as the kept ones tell.</returns>
    private static long NoteEnds(Span<KeptLabel> kept, in ProfileLabel added)
    {
        var end = KeptLabel.Never;
        foreach (ref var one in kept)
        {
            if (one.Label.Id != added.Id)
            {
                continue;
            }
            var isLater = ProfileLabel.Compare(one.Label, added) > 0;
            if (one.Label.Fraud == added.Fraud)
            {
                end = isLater || one.EndMs > added.LabelTimeMs ? Math.Min(end, one.EndMs) : end;
            }
            else if (isLater)
            {
                end = Math.Min(end, one.Label.LabelTimeMs);
            }
            else
            {
                one = one with { EndMs = Math.Min(one.EndMs, added.LabelTimeMs) };
            }
        }
        return end;
    }

    /// <summary>Determines which of a payment's kept labels repeat the one before.</summary>
    private void NoteRepeats(ulong id)
    {
        var before = NoteRepeats(KeptFrauds, id, null);
        NoteRepeats(Kept, id, before);
    }

    private static KeptLabel? NoteRepeats(Span<KeptLabel> kept, ulong id, KeptLabel? before)
    {
        foreach (ref var one in kept)
        {
            if (one.Label.Id == id)
            {
                // The end of an opposite label tells of a label that has left the list, if it is not this one.
                var repeats = before is { } last && (last.Label.Fraud == one.Label.Fraud
                    ? last.EndMs > one.Label.LabelTimeMs
                    : last.EndMs < one.Label.LabelTimeMs);
                one = one with { Repeats = repeats };
                before = one;
            }
        }
        return before;
    }

    private static void Insert(List<KeptLabel> kept, in KeptLabel added)
    {
        var at = kept.Count;
        while (at > 0 && ProfileLabel.Compare(kept[at - 1].Label, added.Label) > 0)
        {
            at--;
        }
        kept.Insert(at, added);
    }

    /// <summary>Moves the oldest label to the earlier frauds, and the oldest of these to its day.</summary>
    private void Evict()
    {
        var oldest = _recent[0];
        _recent.RemoveAt(0);
        if (oldest.Label.Fraud)
        {
            Insert(_frauds, oldest);
            if (_frauds.Count <= fraudCapacity)
            {
                return;
            }
            oldest = _frauds[0];
            _frauds.RemoveAt(0);
        }
        AddToTiles(oldest.Label);
        // From now on it counts in its day, so the label after it must not rely on it: whether it still found it depends on the order.
        NoteRepeats(oldest.Label.Id);
    }

    private static long? LastFraudMs(ReadOnlySpan<KeptLabel> kept, long nowMs)
    {
        for (var i = kept.Length - 1; i >= 0; i--)
        {
            if (kept[i].Label.Fraud && kept[i].CountsAt(nowMs))
            {
                return kept[i].Label.LabelTimeMs;
            }
        }
        return null;
    }

    private static void CountKept(
        ReadOnlySpan<KeptLabel> kept, long nowMs, ReadOnlySpan<LabelWindow> windows, Span<LabelCounts> counts)
    {
        var (delay, i, frauds, labels) = (-1L, 0, 0, 0);
        for (var w = 0; w < windows.Length; w++)
        {
            if (windows[w].DelayMs != delay)
            {
                (delay, i, frauds, labels) = (windows[w].DelayMs, kept.Length - 1, 0, 0);
            }
            long end = nowMs - delay, since = end - windows[w].LengthMs;
            for (; i >= 0 && kept[i].Label.LabelTimeMs > since; i--)
            {
                if (kept[i].Label.LabelTimeMs < end && kept[i].CountsAt(nowMs))
                {
                    frauds += kept[i].Label.Fraud ? 1 : 0;
                    labels++;
                }
            }
            counts[w] = new LabelCounts(counts[w].Frauds + frauds, counts[w].Labels + labels);
        }
    }

    private void AddToTiles(in ProfileLabel old)
    {
        if (!old.Fraud && !countsAll)
        {
            return;
        }
        var day = level.NumberOf(old.LabelTimeMs);
        var at = _tiles.FindIndex(tile => tile.Day >= day);
        if (at < 0 || _tiles[at].Day != day)
        {
            at = at < 0 ? _tiles.Count : at;
            _tiles.Insert(at, new LabelTile(day, 0, 0));
        }
        _tiles[at] = new LabelTile(day, _tiles[at].Frauds + (old.Fraud ? 1 : 0), _tiles[at].Labels + 1);
    }

    private void DropExpired()
    {
        // By the newest label instead of the clock: a replay must drop the same days.
        var oldest = level.NumberOf(_recent[^1].Label.LabelTimeMs) - level.Count + 1;
        while (_tiles.Count > 0 && _tiles[0].Day < oldest)
        {
            _tiles.RemoveAt(0);
        }
    }
}

/// <summary>The labels that arrived in one day and are not kept individually.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="Frauds">Number of fraud labels.</param>
/// <param name="Labels">Number of labels: all, or only frauds if no feature needs the others.</param>
public readonly record struct LabelTile(long Day, long Frauds, long Labels);

/// <summary>The payments that became known as fraud or legitimate in a window; not whole numbers if the window cuts a tile.</summary>
/// <param name="Frauds">Number of payments that became known as fraud.</param>
/// <param name="Labels">Number of payments that became known as either; NaN if the history counts only frauds.</param>
public readonly record struct LabelCounts(double Frauds, double Labels)
{
    /// <summary>The share of frauds, 0 to 1; NaN without labels, or if only frauds are counted.</summary>
    public double FraudRate => Labels > 0 ? Frauds / Labels : double.NaN;
}
