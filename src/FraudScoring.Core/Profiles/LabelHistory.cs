using System.Runtime.InteropServices;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The labels of an entity's payments: the newest by arrival exactly, older ones counted by day of arrival. A later label for the
/// same payment replaces an earlier one while that is among the exact ones. Commutative, like <see cref="EntityProfile"/>.
/// </summary>
/// <param name="capacity">How many labels are kept one by one; 0 keeps none at all.</param>
/// <param name="level">The days by which older labels are counted.</param>
/// <param name="countsAll">Days count legitimate labels too, not only frauds.</param>
public sealed class LabelHistory(int capacity, TileLevel level, bool countsAll)
{
    private readonly List<ProfileLabel> _recent = [];
    private readonly List<LabelTile> _tiles = [];

    /// <summary>The labels kept one by one, oldest arrival first.</summary>
    public IReadOnlyList<ProfileLabel> Recent => _recent;

    /// <summary>The older labels, by day of arrival, oldest first.</summary>
    public IReadOnlyList<LabelTile> Tiles => _tiles;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _recent.Clear();
        _tiles.Clear();
    }

    /// <summary>Adds a label.</summary>
    /// <returns>False when labels are not kept, or a later label for the same payment is known.</returns>
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
        _recent.Insert(at, added);
        if (_recent.Count > capacity)
        {
            AddToTiles(_recent[0]);
            _recent.RemoveAt(0);
        }
        DropExpired();
        return true;
    }

    /// <summary>How many payments became known as fraud in a window.</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="window">The window over the labels' arrival.</param>
    public double FraudCount(long nowMs, LabelWindow window) => CountIn(nowMs, window).Frauds;

    /// <summary>Frauds over all labels that arrived in a window, 0 to 1; NaN when none did, or not all labels are counted.</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="window">The window over the labels' arrival.</param>
    public double FraudRate(long nowMs, LabelWindow window) =>
        CountIn(nowMs, window) is var (frauds, labels) && countsAll && labels > 0 ? frauds / labels : double.NaN;

    /// <summary>When a payment last became known as fraud before now, milliseconds since the Unix epoch; null when none is kept.</summary>
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

    /// <summary>The labels kept one by one, oldest arrival first, without a copy; valid until one is added.</summary>
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
            var share = level.ShareInside(tile.Slot, since, end, window.DelayMs == 0);
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
        var slot = level.SlotOf(old.LabelTimeMs);
        var at = _tiles.FindIndex(tile => tile.Slot >= slot);
        if (at < 0 || _tiles[at].Slot != slot)
        {
            at = at < 0 ? _tiles.Count : at;
            _tiles.Insert(at, new LabelTile(slot, 0, 0));
        }
        _tiles[at] = new LabelTile(slot, _tiles[at].Frauds + (old.Fraud ? 1 : 0), _tiles[at].Labels + 1);
    }

    private void DropExpired()
    {
        var oldest = level.SlotOf(_recent[^1].LabelTimeMs) - level.Count + 1;
        _tiles.RemoveAll(tile => tile.Slot < oldest);
    }
}

/// <summary>The labels that arrived in one day.</summary>
/// <param name="Slot">Day since the Unix epoch.</param>
/// <param name="Frauds">How many of them are frauds.</param>
/// <param name="Labels">How many are counted: all, or only frauds where nothing asks for the others.</param>
public readonly record struct LabelTile(long Slot, long Frauds, long Labels);
