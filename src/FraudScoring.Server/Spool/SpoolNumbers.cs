using System.Buffers.Binary;
using System.Collections.Immutable;

namespace FraudScoring.Server.Spool;

/// <summary>Numbers whose records were lost to damage, and were counted then.</summary>
internal readonly record struct SpoolGap(long First, long Last)
{
    public long Count => Last - First + 1;
}

/// <summary>
/// Which records a spool file must have: those with a number after the deleted ones, up to the last one, without the gaps. Immutable, so
/// that a change takes effect when it is on disk.
/// </summary>
/// <remarks>
/// SQLite does not notice every damage: a page that says it has fewer rows than it has is a valid page. A row that is missing is noticed
/// because of its number.
/// </remarks>
internal sealed class SpoolNumbers
{
    public static readonly SpoolNumbers None = new(0, 0, []);

    private const int EndsLength = 3 * sizeof(long), GapLength = 2 * sizeof(long);

    /// <param name="deleted">Greatest number that was deleted; 0 for none.</param>
    /// <param name="last">Greatest number ever given; 0 for none.</param>
    /// <param name="gaps">The gaps in ascending order. Some of them may be deleted.</param>
    public SpoolNumbers(long deleted, long last, ImmutableArray<SpoolGap> gaps)
    {
        var passed = 0;
        for (; passed < gaps.Length && gaps[passed].First <= deleted + 1; passed++)
        {
            deleted = Math.Max(deleted, gaps[passed].Last);
        }
        (Deleted, Last, Gaps) = (deleted, last, passed == 0 ? gaps : gaps[passed..]);
        foreach (var gap in Gaps)
        {
            Missing += gap.Count;
        }
    }

    /// <summary>Greatest number that was deleted or lies in a gap behind those; 0 for none.</summary>
    public long Deleted { get; }

    /// <summary>Greatest number ever given; 0 for none.</summary>
    public long Last { get; }

    /// <summary>The gaps between <see cref="Deleted"/> and <see cref="Last"/>, in ascending order.</summary>
    public ImmutableArray<SpoolGap> Gaps { get; }

    /// <summary>Numbers in the gaps.</summary>
    public long Missing { get; }

    /// <summary>Records that the file must have.</summary>
    public long Count => Last - Deleted - Missing;

    /// <summary>Number of the newest record that the file must have; <see cref="Deleted"/> if it must have none.</summary>
    public long Newest => Gaps is [.., var gap] && gap.Last == Last ? gap.First - 1 : Last;

    /// <summary>Number of the next record after a number; greater than <see cref="Last"/> if there is none.</summary>
    public long NextAfter(long number)
    {
        var next = Math.Max(number, Deleted) + 1;
        return FindGap(next) is { } gap ? gap.Last + 1 : next;
    }

    /// <summary>Number of records up to a number.</summary>
    public long CountThrough(long number)
    {
        var count = Math.Max(0, Math.Min(number, Last) - Deleted);
        foreach (var gap in Gaps)
        {
            count -= Math.Max(0, Math.Min(number, gap.Last) - gap.First + 1);
        }
        return count;
    }

    public SpoolNumbers Append(int count) => count == 0 ? this : new(Deleted, Last + count, Gaps);

    public SpoolNumbers Delete(long through) => through <= Deleted ? this : new(Math.Min(through, Last), Last, Gaps);

    /// <summary>The numbers but for the gaps: 24 bytes.</summary>
    public byte[] WriteEnds()
    {
        var bytes = new byte[EndsLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Deleted);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Last);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Missing);
        return bytes;
    }

    /// <summary>The gaps: 16 bytes each.</summary>
    public byte[] WriteGaps()
    {
        var bytes = new byte[Gaps.Length * GapLength];
        for (var i = 0; i < Gaps.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * GapLength), Gaps[i].First);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan((i * GapLength) + 8), Gaps[i].Last);
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="WriteEnds"/> has written.</summary>
    /// <param name="bytes">Bytes whose checksum was right; null if it was not.</param>
    public static (long Deleted, long Last, long Missing)? ReadEnds(byte[]? bytes) => bytes is not { Length: EndsLength } ? null
        : (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)));

    /// <summary>Reads what <see cref="WriteGaps"/> has written.</summary>
    /// <param name="bytes">Bytes whose checksum was right; null if it was not.</param>
    public static ImmutableArray<SpoolGap>? ReadGaps(byte[]? bytes) => bytes is null ? null
        : [.. bytes.Chunk(GapLength).Select(gap => new SpoolGap(
            BinaryPrimitives.ReadInt64LittleEndian(gap), BinaryPrimitives.ReadInt64LittleEndian(gap.AsSpan(8))))];

    private SpoolGap? FindGap(long number)
    {
        var (low, high) = (0, Gaps.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var gap = Gaps[middle];
            if (number >= gap.First && number <= gap.Last)
            {
                return gap;
            }
            (low, high) = number < gap.First ? (low, middle - 1) : (middle + 1, high);
        }
        return null;
    }
}
