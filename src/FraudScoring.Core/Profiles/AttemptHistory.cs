using System.Buffers.Binary;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The newest requests to score a payment of an entity, bounded. A transaction counts once however often it is asked for, and requests
/// may come in any order. Kept beside the stored profile, not in it.
/// </summary>
/// <param name="capacity">How many are kept, 0 to 255.</param>
public sealed class AttemptHistory(int capacity)
{
    /// <summary>Bytes of one entry: time (8 bytes, little endian), 40 bits of the transaction id (5 bytes, little endian).</summary>
    public const int EntryLength = 13;

    private readonly (long TimeMs, ulong Id)[] _newestFirst = new (long, ulong)[capacity];

    /// <summary>How many requests are kept.</summary>
    public int Length { get; private set; }

    /// <summary>False when nothing is known of the requests, which is not the same as that there were none.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Forgets everything: the requests are not known.</summary>
    public void Clear() => (Length, IsKnown) = (0, false);

    /// <summary>Reads entries, in any order; with none, it is known that there were none.</summary>
    /// <returns>False, and the requests are not known, when the bytes are no whole number of entries.</returns>
    public bool Read(ReadOnlySpan<byte> entries)
    {
        Clear();
        if (entries.Length % EntryLength != 0)
        {
            return false;
        }
        IsKnown = true;
        for (; !entries.IsEmpty; entries = entries[EntryLength..])
        {
            var id = BinaryPrimitives.ReadUInt32LittleEndian(entries[8..]) | ((ulong)entries[12] << 32);
            Add(BinaryPrimitives.ReadInt64LittleEndian(entries), id);
        }
        return true;
    }

    /// <summary>Writes one entry.</summary>
    /// <param name="destination">At least <see cref="EntryLength"/> bytes.</param>
    /// <param name="timeMs">Time of the payment, milliseconds since the Unix epoch.</param>
    /// <param name="id">The 40 bits of <see cref="ProfileEvent.IdOf"/>.</param>
    public static void WriteEntry(Span<byte> destination, long timeMs, ulong id)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, timeMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], (uint)id);
        destination[12] = (byte)(id >> 32);
    }

    /// <summary>
    /// Adds a request. Of several for one transaction the one with the newest time stays; when the list is full, the oldest goes.
    /// </summary>
    /// <param name="timeMs">Time of the payment, milliseconds since the Unix epoch.</param>
    /// <param name="id">The 40 bits of <see cref="ProfileEvent.IdOf"/>.</param>
    public void Add(long timeMs, ulong id)
    {
        IsKnown = true;
        for (var i = 0; i < Length; i++)
        {
            if (_newestFirst[i].Id == id)
            {
                if (_newestFirst[i].TimeMs >= timeMs)
                {
                    return;
                }
                RemoveAt(i);
            }
        }
        var at = Length;
        while (at > 0 && _newestFirst[at - 1].CompareTo((timeMs, id)) < 0)
        {
            at--;
        }
        if (at == capacity)
        {
            return;
        }
        Length = Math.Min(Length + 1, capacity);
        Array.Copy(_newestFirst, at, _newestFirst, at + 1, Length - at - 1);
        _newestFirst[at] = (timeMs, id);
    }

    /// <summary>How many requests lie in (now - window, now].</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="windowMs">The window's length in milliseconds.</param>
    public int Count(long nowMs, long windowMs)
    {
        var count = 0;
        for (var i = 0; i < Length && _newestFirst[i].TimeMs > nowMs - windowMs; i++)
        {
            count += _newestFirst[i].TimeMs <= nowMs ? 1 : 0;
        }
        return count;
    }

    /// <summary>The list is full and does not reach back beyond a window, so there may have been more requests in it.</summary>
    internal bool IsCut(long nowMs, long windowMs) =>
        Length == capacity && capacity > 0 && _newestFirst[Length - 1].TimeMs > nowMs - windowMs;

    private void RemoveAt(int index)
    {
        Length--;
        Array.Copy(_newestFirst, index + 1, _newestFirst, index, Length - index);
    }
}
