using System.Runtime.InteropServices;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The labels of an entity's payments: the newest by arrival individually, older ones counted per day of arrival. A later label of a
/// payment replaces an earlier one that is still kept individually; in a day's count it can no longer be found.
/// </summary>
/// <remarks>
/// Labels are sorted by arrival (label time), not by payment time: a chargeback arrives weeks after its payment, and a feature may use only
/// what was known at the time of scoring. Sorted by payment time, a late label would change features in the past, and training would see
/// the future. The list is bounded because a compromised merchant may collect thousands of labels. Adding is commutative while no payment
/// is labelled again after its label has moved into a count.
/// </remarks>
/// <param name="capacity">Number of labels that are kept individually; 0 keeps no labels.</param>
/// <param name="level">The tiles that older labels are counted in.</param>
/// <param name="countsAll">True if tiles count legitimate labels as well as frauds.</param>
public sealed class LabelHistory(int capacity, TileLevel level, bool countsAll)
{
    private readonly List<ProfileLabel> _recent = [];
    private readonly List<LabelTile> _tiles = [];

    /// <summary>The labels that are kept individually, oldest arrival first.</summary>
    public IReadOnlyList<ProfileLabel> Recent => _recent;

    /// <summary>The counts of older labels per day of arrival, oldest first.</summary>
    public IReadOnlyList<LabelTile> Tiles => _tiles;

    /// <summary>Removes all labels.</summary>
    public void Clear()
    {
        _recent.Clear();
        _tiles.Clear();
    }

    /// <summary>Adds a label.</summary>
    /// <returns>False if labels are not kept, or this or a later label of the same payment is known.</returns>
    public bool Add(in ProfileLabel added)
    {
        if (capacity == 0)
        {
            return false;
        }
        for (var i = _recent.Count - 1; i >= 0; i--)
        {
            if (_recent[i].Id == added.Id)
            {
                if (ProfileLabel.Compare(_recent[i], added) >= 0)
                {
                    return false;
                }
                _recent.RemoveAt(i);
                break;
            }
        }
        var at = _recent.Count;
        while (at > 0 && ProfileLabel.Compare(_recent[at - 1], added) > 0)
        {
            at--;
        }
        // Inserted before the oldest one leaves: a late label that is itself the oldest goes straight to its day.
        _recent.Insert(at, added);
        if (_recent.Count > capacity)
        {
            AddToTiles(_recent[0]);
            _recent.RemoveAt(0);
        }
        DropExpired();
        return true;
    }

    /// <summary>Counts the fraud labels that arrived in a window; not a whole number if the window cuts a tile.</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="window">The window over the labels' arrival.</param>
    public double FraudCount(long nowMs, LabelWindow window) => CountIn(nowMs, window).Frauds;

    /// <summary>
    /// The share of frauds among the labels that arrived in a window, 0 to 1; NaN if none did, or only frauds are counted.
    /// </summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="window">The window over the labels' arrival.</param>
    public double FraudRate(long nowMs, LabelWindow window) =>
        CountIn(nowMs, window) is var (frauds, labels) && countsAll && labels > 0 ? frauds / labels : double.NaN;

    /// <summary>Arrival of the newest fraud label before now, in milliseconds since the Unix epoch; null if none is kept.</summary>
    public long? LastFraudMs(long nowMs)
    {
        for (var i = _recent.Count - 1; i >= 0; i--)
        {
            if (_recent[i].Fraud && _recent[i].LabelTimeMs < nowMs)
            {
                return _recent[i].LabelTimeMs;
            }
        }
        return null;
    }

    /// <summary><see cref="Recent"/> as a span, valid until a label is added.</summary>
    internal ReadOnlySpan<ProfileLabel> Kept => CollectionsMarshal.AsSpan(_recent);

    internal void AppendRecent(in ProfileLabel next) => _recent.Add(next);

    internal void AppendTile(in LabelTile next) => _tiles.Add(next);

    private (double Frauds, double Labels) CountIn(long nowMs, LabelWindow window)
    {
        var (frauds, labels) = (0.0, 0.0);
        long end = nowMs - window.DelayMs, since = end - window.LengthMs;
        for (var i = _recent.Count - 1; i >= 0 && _recent[i].LabelTimeMs > since; i--)
        {
            if (_recent[i].LabelTimeMs < end)
            {
                frauds += _recent[i].Fraud ? 1 : 0;
                labels++;
            }
        }
        foreach (var tile in _tiles)
        {
            var share = level.ShareInside(tile.Day, since, end, window.DelayMs == 0);
            frauds += tile.Frauds * share;
            labels += tile.Labels * share;
        }
        return (frauds, labels);
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
        var oldest = level.NumberOf(_recent[^1].LabelTimeMs) - level.Count + 1;
        _tiles.RemoveAll(tile => tile.Day < oldest);
    }
}

/// <summary>The labels that arrived in one day.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="Frauds">Number of fraud labels.</param>
/// <param name="Labels">Number of labels: all, or only frauds if no feature needs the others.</param>
public readonly record struct LabelTile(long Day, long Frauds, long Labels);
