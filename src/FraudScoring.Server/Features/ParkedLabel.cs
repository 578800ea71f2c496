using System.Buffers.Binary;

namespace FraudScoring.Server.Features;

/// <summary>A label that waits for its transaction, and the record it came with.</summary>
/// <param name="LabelTimeMs">When the label became known, milliseconds since the Unix epoch.</param>
/// <param name="ParkedMs">Since when it waits, milliseconds since the Unix epoch.</param>
/// <param name="Partition">The record's partition.</param>
/// <param name="Offset">The record's offset.</param>
/// <param name="Value">The record's value.</param>
internal sealed record ParkedLabel(long LabelTimeMs, long ParkedMs, int Partition, long Offset, byte[] Value)
{
    private const int HeadLength = 28;

    /// <summary>Bytes of which the greater is the later label: the label's time stands first, big endian.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[HeadLength + Value.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, LabelTimeMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), ParkedMs);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), Partition);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(20), Offset);
        Value.CopyTo(bytes, HeadLength);
        return bytes;
    }

    /// <summary>What <see cref="ToBytes"/> wrote.</summary>
    public static ParkedLabel Parse(byte[] bytes) => new(
        BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8)),
        BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(20)), bytes[HeadLength..]);
}
