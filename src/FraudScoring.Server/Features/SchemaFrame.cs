using Google.Protobuf.Reflection;

namespace FraudScoring.Server.Features;

/// <summary>
/// The frame that serializers of a Confluent schema registry put in front of a value: a zero byte, the schema's id in four bytes, and for
/// protobuf the indexes of the message in its schema.
/// </summary>
/// <remarks>
/// A plain protobuf message never begins with a zero byte, which would be the tag of field 0, and JSON does not either. The schema's id is
/// ignored: looking it up would make the consumers depend on the registry, and the fields are checked after the frame anyway.
/// </remarks>
internal static class SchemaFrame
{
    private const int HeadLength = 5;
    // An index is a zigzag varint. Five bytes hold every index that protoc could write.
    private const int LongestIndex = 5;
    // Messages nested deeper than this are not written by anyone, and the message that is wanted is not nested at all.
    private const int MostIndexes = 16;
    private const string Opening = "begins like a record of a schema registry (a zero byte and the id of a schema), but ";

    public static bool IsFramed(ReadOnlySpan<byte> value) => value is [0, ..];

    /// <summary>What follows the zero byte and the schema's id: JSON, or message indexes and protobuf. Empty if the frame is cut.</summary>
    public static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> value) => value.Length < HeadLength ? [] : value[HeadLength..];

    /// <summary>Removes the frame of a protobuf message, if the value has one.</summary>
    /// <param name="value">The record's value; on return, the message.</param>
    /// <param name="message">The message that the frame must name, by its index in its file or as the only one of its schema.</param>
    /// <returns>What is wrong with the frame, as the end of a sentence about the value; null if nothing is.</returns>
    public static string? Remove(ref ReadOnlySpan<byte> value, MessageDescriptor message)
    {
        if (!IsFramed(value))
        {
            return null;
        }
        var rest = Content(value);
        if (!TryReadIndex(ref rest, out var count))
        {
            return Opening + "ends within that frame, or its number of message indexes is not a varint";
        }
        if (count is < 0 or > MostIndexes)
        {
            return $"{Opening}does not have 0 to {MostIndexes} message indexes after it";
        }
        var index = 0L;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadIndex(ref rest, out index))
            {
                return Opening + "ends within its message indexes, or one of them is not a varint";
            }
        }
        // No index at all is short for the first message.
        if (count > 1 || (index != 0 && index != message.Index))
        {
            return $"{Opening}names another message of that schema; send {message.FullName}, message {message.Index} of its file";
        }
        value = rest;
        return null;
    }

    private static bool TryReadIndex(ref ReadOnlySpan<byte> bytes, out long index)
    {
        index = 0;
        var raw = 0UL;
        for (var i = 0; i < LongestIndex && i < bytes.Length; i++)
        {
            raw |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                index = (long)(raw >> 1) ^ -(long)(raw & 1);
                bytes = bytes[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
