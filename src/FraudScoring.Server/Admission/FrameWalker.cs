using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace FraudScoring.Server.Admission;

/// <summary>Finds the HEADERS frames in the bytes of an HTTP/2 connection, and stamps the streams that they open (RFC 9113).</summary>
internal struct FrameWalker()
{
    private const int HeaderLength = 9, Headers = 1;
    private static readonly int Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.Length;

    // Bytes to skip until the next frame header; the connection begins with its preface.
    private int _skip = Preface;
    private int _gathered;
    private FrameHeader _header;

    /// <summary>Reads the next bytes of the connection.</summary>
    public void Walk(in ReadOnlySequence<byte> bytes, ArrivalStamps stamps, long now)
    {
        foreach (var segment in bytes)
        {
            Walk(segment.Span, stamps, now);
        }
    }

    private void Walk(ReadOnlySpan<byte> bytes, ArrivalStamps stamps, long now)
    {
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }
            var taken = Math.Min(HeaderLength - _gathered, bytes.Length);
            bytes[..taken].CopyTo(((Span<byte>)_header)[_gathered..]);
            _gathered += taken;
            bytes = bytes[taken..];
            if (_gathered == HeaderLength)
            {
                Read(_header, stamps, now);
                _gathered = 0;
            }
        }
    }

    /// <summary>A frame header: length (3 bytes), type, flags, stream (4 bytes), big endian.</summary>
    private void Read(ReadOnlySpan<byte> header, ArrivalStamps stamps, long now)
    {
        _skip = (header[0] << 16) | (header[1] << 8) | header[2];
        if (header[3] == Headers)
        {
            stamps.Stamp(BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue, now);
        }
    }

    [InlineArray(HeaderLength)]
    private struct FrameHeader
    {
        private byte _first;
    }
}
