using System.Buffers.Binary;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The newest requests to score a payment of an entity, up to a capacity. A transaction counts once, however often it is scored, and
/// requests may arrive in any order. Stored next to the profile, not in it.
/// </summary>
/// <param name="capacity">Number of requests that are kept, 0 to 255.</param>
public sealed class AttemptHistory(int capacity)
{
    /// <summary>Length of one entry in bytes: time (8 bytes) and 40 bits of the transaction id (5 bytes), both little endian.</summary>
    public const int EntryLength = 13;

    private readonly (long TimeMs, ulong Id)[] _newestFirst = new (long, ulong)[capacity];

    /// <summary>Number of requests held.</summary>
    public int Length { get; private set; }

    /// <summary>False if the requests could not be read, which is not the same as having none.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Removes all requests and marks them as unknown.</summary>
    public void Clear() => (Length, IsKnown) = (0, false);

    /// <summary>Reads entries in any order. No bytes mean that there were no requests.</summary>
    /// <returns>False if the length is not a multiple of <see cref="EntryLength"/>; the requests are then unknown.</returns>
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

    /// <summary>Writes an entry.</summary>
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
    /// Adds a request. Of several for one transaction, the one with the newest time is kept. If the list is full, the oldest is dropped.
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

    /// <summary>Counts the requests in (now - window, now].</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="windowMs">The window's length in milliseconds.</param>
    public int Count(long nowMs, long windowMs)
    {
        var count = 0;
        for (var i = 0; i < Length && _newestFirst[i].TimeMs > nowMs - windowMs; i++)
        {
            // Now counts, unlike in windows over payments: the request that is being scored is in the list already.
            count += _newestFirst[i].TimeMs <= nowMs ? 1 : 0;
        }
        return count;
    }

    /// <summary>Removes the requests up to a time, milliseconds since the Unix epoch.</summary>
    public void RemoveUntil(long timeMs)
    {
        while (Length > 0 && _newestFirst[Length - 1].TimeMs <= timeMs)
        {
            Length--;
        }
    }

    /// <summary>True if the list is full and does not reach back beyond the window, so that there may have been more requests.</summary>
    internal bool IsCut(long nowMs, long windowMs) =>
        Length == capacity && capacity > 0 && _newestFirst[Length - 1].TimeMs > nowMs - windowMs;

    private void RemoveAt(int index)
    {
        Length--;
        Array.Copy(_newestFirst, index + 1, _newestFirst, index, Length - index);
    }
}
