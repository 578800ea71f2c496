using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace FraudScoring.Server.Spool;

/// <summary>
/// The checksum of a row (XxHash3) over its number and its fields with their lengths. SQLite has checksums in its log, but not in the
/// pages of the database.
/// </summary>
internal sealed class SpoolChecksum
{
    // A damaged row can have a topic of any length.
    private const int MostOnStack = 1024;

    private readonly XxHash3 _hash = new();

    public long Compute(long seq, in SpooledRecord record)
    {
        Span<byte> number = stackalloc byte[8];
        var length = Encoding.UTF8.GetMaxByteCount(record.Topic.Length);
        var topic = length <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(number, seq);
        _hash.Append(number);
        Append(topic[..Encoding.UTF8.GetBytes(record.Topic, topic)], isNull: false);
        Append(record.Key, record.Key is null);
        Append(record.Headers, isNull: false);
        Append(record.Value, record.Value is null);
        Span<byte> result = stackalloc byte[8];
        _hash.GetHashAndReset(result);
        return BinaryPrimitives.ReadInt64LittleEndian(result);
    }

    /// <summary>The checksum of a note.</summary>
    public static long Compute(ReadOnlySpan<byte> note) => unchecked((long)XxHash3.HashToUInt64(note));

    private void Append(ReadOnlySpan<byte> field, bool isNull)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, isNull ? -1 : field.Length);
        _hash.Append(length);
        _hash.Append(field);
    }
}
