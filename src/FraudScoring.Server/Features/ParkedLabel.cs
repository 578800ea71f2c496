using System.Buffers.Binary;
using System.Globalization;

namespace FraudScoring.Server.Features;

/// <summary>A label that waits for its transaction, with the Kafka record it came from.</summary>
/// <param name="LabelTimeMs">When the label became known, milliseconds since the Unix epoch.</param>
/// <param name="ParkedMs">When it was parked, milliseconds since the Unix epoch.</param>
/// <param name="Partition">The record's partition.</param>
/// <param name="Offset">The record's offset.</param>
/// <param name="Value">The record's value.</param>
internal sealed record ParkedLabel(long LabelTimeMs, long ParkedMs, int Partition, long Offset, byte[] Value)
{
    private const int HeadLength = 28, LengthDigits = 8;

    /// <summary>The bytes that scripts park. Label time and record are at fixed places, by which a script recognises a label.</summary>
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

    /// <summary>Parses the parked labels of one transaction, in order of their time.</summary>
    /// <param name="bytes">Each label's bytes after their number in eight decimal digits.</param>
    public static IEnumerable<ParkedLabel> ParseAll(byte[] bytes)
    {
        var labels = new List<ParkedLabel>();
        for (var at = 0; at < bytes.Length;)
        {
            var start = at + LengthDigits;
            at = start + int.Parse(bytes.AsSpan(at, LengthDigits), CultureInfo.InvariantCulture);
            labels.Add(Parse(bytes[start..at]));
        }
        return labels.OrderBy(label => label.LabelTimeMs).ThenBy(label => label.Offset);
    }
}
