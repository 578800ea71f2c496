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

    // A log is compacted when it has this many entries more than the capacity, or more: an entity that keeps few must not compact often.
    private const int LeastSurplus = 32;

    // Newest first. Two arrays, so that the search for an id is vectorized.
    private readonly long[] _timesMs = new long[capacity];
    private readonly ulong[] _ids = new ulong[capacity];

    /// <summary>Number of requests held.</summary>
    public int Length { get; private set; }

    /// <summary>False if the requests could not be read, which is not the same as having none.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Removes all requests and marks them as unknown.</summary>
    public void Clear() => (Length, IsKnown) = (0, false);

    /// <summary>Reads entries in any order, fastest if the newest are last. No bytes mean that there were no requests.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="untilMs">
    /// Later requests are left out: if they filled the list, a request of that time would not be in it, and counts as of it would be 0.
    /// </param>
    /// <returns>False if the length is not a multiple of <see cref="EntryLength"/>; the requests are then unknown.</returns>
    public bool Read(ReadOnlySpan<byte> entries, long untilMs = long.MaxValue)
    {
        Clear();
        if (entries.Length % EntryLength != 0)
        {
            return false;
        }
        IsKnown = true;
        // From the end of a log: once the newest fill the list, each older entry costs one comparison.
        for (; !entries.IsEmpty; entries = entries[..^EntryLength])
        {
            var (timeMs, id) = ReadEntry(entries[^EntryLength..]);
            if (timeMs <= untilMs)
            {
                Add(timeMs, id);
            }
        }
        return true;
    }

    /// <summary>
    /// The part of a log that ends with a request: what had arrived when the request did. Empty if the request is not in the log.
    /// </summary>
    /// <param name="log">Entries in the order in which they arrived.</param>
    /// <param name="timeMs">Time of the payment, milliseconds since the Unix epoch.</param>
    /// <param name="id">The 40 bits of <see cref="ProfileEvent.IdOf"/>.</param>
    public static ReadOnlySpan<byte> Until(ReadOnlySpan<byte> log, long timeMs, ulong id)
    {
        // The last of equal entries: a repeated request is the latest that wrote one.
        for (; log.Length >= EntryLength; log = log[..^EntryLength])
        {
            if (ReadEntry(log[^EntryLength..]) == (timeMs, id))
            {
                return log;
            }
        }
        return [];
    }

    /// <summary>True if a log is to be replaced by <see cref="Compact"/>: it is much longer than needed, or damaged.</summary>
    public bool IsCompactionDue(ReadOnlySpan<byte> log) =>
        log.Length % EntryLength != 0 || log.Length > (capacity + Math.Max(capacity, LeastSurplus)) * EntryLength;

    /// <summary>Shortens a log to the entries that count, in their order. Read with any later ones, it gives the same.</summary>
    /// <param name="log">Entries in the order in which they arrived; bytes in front of the first whole entry are removed.</param>
    public byte[] Compact(ReadOnlySpan<byte> log)
    {
        log = log[(log.Length % EntryLength)..];
        var kept = new AttemptHistory(capacity);
        kept.Read(log);
        var compacted = new byte[kept.Length * EntryLength];
        // Backwards, so that of equal entries the last stays, as in Until.
        for (var free = compacted.Length; free > 0; log = log[..^EntryLength])
        {
            var entry = log[^EntryLength..];
            if (kept.Remove(ReadEntry(entry)))
            {
                free -= EntryLength;
                entry.CopyTo(compacted.AsSpan(free));
            }
        }
        return compacted;
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
        if (Length == capacity && (capacity == 0 || IsBefore(timeMs, id, capacity - 1)))
        {
            return;
        }
        var known = _ids.AsSpan(0, Length).IndexOf(id);
        if (known >= 0)
        {
            if (_timesMs[known] >= timeMs)
            {
                return;
            }
            RemoveAt(known);
        }
        var at = Length;
        while (at > 0 && !IsBefore(timeMs, id, at - 1))
        {
            at--;
        }
        Length = Math.Min(Length + 1, capacity);
        Array.Copy(_timesMs, at, _timesMs, at + 1, Length - at - 1);
        Array.Copy(_ids, at, _ids, at + 1, Length - at - 1);
        (_timesMs[at], _ids[at]) = (timeMs, id);
    }

    /// <summary>Counts the requests in (now - window, now].</summary>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="windowMs">The window's length in milliseconds.</param>
    public int Count(long nowMs, long windowMs)
    {
        var count = 0;
        for (var i = 0; i < Length && _timesMs[i] > nowMs - windowMs; i++)
        {
            // Now counts, unlike in windows over payments: the request that is being scored is in the list already.
            count += _timesMs[i] <= nowMs ? 1 : 0;
        }
        return count;
    }

    /// <summary>Removes the requests up to a time, milliseconds since the Unix epoch.</summary>
    public void RemoveUntil(long timeMs)
    {
        while (Length > 0 && _timesMs[Length - 1] <= timeMs)
        {
            Length--;
        }
    }

    /// <summary>True if the list is full and does not reach back beyond the window, so that there may have been more requests.</summary>
    internal bool IsCut(long nowMs, long windowMs) =>
        Length == capacity && capacity > 0 && _timesMs[Length - 1] > nowMs - windowMs;

    private static (long TimeMs, ulong Id) ReadEntry(ReadOnlySpan<byte> entry) => (
        BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) | ((ulong)entry[12] << 32));

    // The order is by time, then id.
    private bool IsBefore(long timeMs, ulong id, int index) =>
        timeMs < _timesMs[index] || (timeMs == _timesMs[index] && id < _ids[index]);

    private bool Remove((long TimeMs, ulong Id) request)
    {
        var at = _ids.AsSpan(0, Length).IndexOf(request.Id);
        if (at < 0 || _timesMs[at] != request.TimeMs)
        {
            return false;
        }
        RemoveAt(at);
        return true;
    }

    private void RemoveAt(int index)
    {
        Length--;
        Array.Copy(_timesMs, index + 1, _timesMs, index, Length - index);
        Array.Copy(_ids, index + 1, _ids, index, Length - index);
    }
}
