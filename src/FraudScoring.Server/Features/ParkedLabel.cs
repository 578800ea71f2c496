using System.Buffers.Binary;

namespace FraudScoring.Server.Features;

/// <summary>A label that waits for its transaction, with the Kafka record it came from.</summary>
/// <param name="LabelTimeMs">When the label became known, milliseconds since the Unix epoch.</param>
/// <param name="ParkedMs">When it was parked, milliseconds since the Unix epoch.</param>
/// <param name="Partition">The record's partition.</param>
/// <param name="Offset">The record's offset.</param>
/// <param name="Value">The record's value.</param>
internal sealed record ParkedLabel(long LabelTimeMs, long ParkedMs, int Partition, long Offset, byte[] Value)
{
    private const int HeadLength = 28;

    /// <summary>Bytes that sort by label time: the time comes first, big endian, so that a script can keep the latest label.</summary>
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

    /// <summary>Reverses <see cref="ToBytes"/>.</summary>
    public static ParkedLabel Parse(byte[] bytes) => new(
        BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8)),
        BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(20)), bytes[HeadLength..]);
}
