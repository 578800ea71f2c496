using Google.Protobuf;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// Reads single fields of a serialised message. Parsing whole answers would cost the client more than sending the requests.
/// </summary>
internal static class WireFields
{
    /// <summary>The content of the first field with this number, a message or a string; empty if there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> message, int number)
    {
        while (!message.IsEmpty)
        {
            var tag = (uint)ReadVarint(ref message);
            if (WireFormat.GetTagFieldNumber(tag) == number)
            {
                var length = (int)ReadVarint(ref message);
                return message[..length];
            }
            Skip(tag, ref message);
        }
        return [];
    }

    /// <summary>Skips the value behind a tag.</summary>
    public static void Skip(uint tag, ref ReadOnlySpan<byte> message)
    {
        switch (WireFormat.GetTagWireType(tag))
        {
            case WireFormat.WireType.Varint: ReadVarint(ref message); break;
            case WireFormat.WireType.Fixed64: message = message[sizeof(ulong)..]; break;
            case WireFormat.WireType.Fixed32: message = message[sizeof(uint)..]; break;
            case WireFormat.WireType.LengthDelimited:
                var length = (int)ReadVarint(ref message);
                message = message[length..];
                break;
            default: throw new InvalidDataException($"The message contains the tag {tag}, which is none of proto3.");
        }
    }

    /// <summary>Reads a varint, such as a tag, a length or an enum.</summary>
    public static ulong ReadVarint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (var i = 0; ; i++)
        {
            value |= (ulong)(message[i] & 0x7F) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return value;
            }
        }
    }
}
