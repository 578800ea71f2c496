namespace FraudScoring.Core.Features;

/// <summary>
/// The labels of an entity's payments: the newest by arrival exactly, older ones counted by day of arrival. A later label for the
/// same payment replaces an earlier one while that is among the exact ones. Commutative, like <see cref="EntityProfile"/>.
/// </summary>
public sealed class LabelHistory(int capacity, TileLevel level)
{
    private readonly List<ProfileLabel> _recent = [];
    private readonly List<FraudTile> _tiles = [];

    /// <summary>The labels kept one by one, oldest arrival first.</summary>
    public IReadOnlyList<ProfileLabel> Recent => _recent;

    /// <summary>Frauds among the older labels, by day of arrival, oldest first.</summary>
    public IReadOnlyList<FraudTile> Tiles => _tiles;

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

    /// <summary>How many payments became known as fraud in (now - window, now).</summary>
    /// <param name="nowMs">The end of the window, milliseconds since the Unix epoch.</param>
    /// <param name="windowMs">The window's length in milliseconds.</param>
    public double FraudCount(long nowMs, long windowMs)
    {
        double count = 0;
        for (var i = _recent.Count - 1; i >= 0 && _recent[i].LabelTimeMs > nowMs - windowMs; i--)
        {
            count += _recent[i].Fraud && _recent[i].LabelTimeMs < nowMs ? 1 : 0;
        }
        foreach (var tile in _tiles)
        {
            count += tile.Frauds * WindowStatistics.ShareInside(tile.Slot, level.WidthMs, nowMs - windowMs, nowMs);
        }
        return count;
    }

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

    internal void AppendRecent(in ProfileLabel next) => _recent.Add(next);

    internal void AppendTile(in FraudTile next) => _tiles.Add(next);

    private void AddToTiles(in ProfileLabel old)
    {
        if (!old.Fraud)
        {
            return;
        }
        var slot = level.SlotOf(old.LabelTimeMs);
        var at = _tiles.FindIndex(tile => tile.Slot >= slot);
        if (at < 0)
        {
            _tiles.Add(new FraudTile(slot, 1));
        }
        else if (_tiles[at].Slot == slot)
        {
            _tiles[at] = _tiles[at] with { Frauds = _tiles[at].Frauds + 1 };
        }
        else
        {
            _tiles.Insert(at, new FraudTile(slot, 1));
        }
    }

    private void DropExpired()
    {
        var oldest = level.SlotOf(_recent[^1].LabelTimeMs) - level.Count + 1;
        _tiles.RemoveAll(tile => tile.Slot < oldest);
    }
}

/// <summary>How many payments became known as fraud in one day.</summary>
/// <param name="Slot">Day since the Unix epoch.</param>
/// <param name="Frauds">How many.</param>
public readonly record struct FraudTile(long Slot, long Frauds);
