using System.Buffers.Binary;
using System.Text;

namespace FraudScoring.Server.Spool;

/// <summary>
/// Kafka headers as bytes: for each header the length of its name (4 bytes, little endian), the name in UTF-8, the length of its value or
/// -1 for none, and the value.
/// </summary>
internal static class SpooledHeaders
{
    public static byte[] Write(params ReadOnlySpan<(string Name, byte[]? Value)> headers)
    {
        var bytes = new byte[Length(headers)];
        var rest = bytes.AsSpan();
        foreach (var (name, value) in headers)
        {
            var length = Encoding.UTF8.GetBytes(name, rest[4..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, length);
            rest = rest[(4 + length)..];
            BinaryPrimitives.WriteInt32LittleEndian(rest, value?.Length ?? -1);
            value.CopyTo(rest[4..]);
            rest = rest[(4 + (value?.Length ?? 0))..];
        }
        return bytes;
    }

    /// <summary>Reverses <see cref="Write"/>. The bytes come from a row whose checksum was right.</summary>
    public static IEnumerable<(string Name, byte[]? Value)> Read(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var name = Encoding.UTF8.GetString(Next(bytes, ref at) ?? []);
            yield return (name, Next(bytes, ref at)?.ToArray());
        }
    }

    private static int Length(ReadOnlySpan<(string Name, byte[]? Value)> headers)
    {
        var length = 0;
        foreach (var (name, value) in headers)
        {
            length += 8 + Encoding.UTF8.GetByteCount(name) + (value?.Length ?? 0);
        }
        return length;
    }

    private static byte[]? Next(byte[] bytes, ref int at)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        at += 4 + Math.Max(0, length);
        return length < 0 ? null : bytes[(at - length)..at];
    }
}
