using System.IO.Compression;
using System.Security.Cryptography;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>
/// Decompresses a gzip file of one or more members, and fails at its end if the last member is cut off, or followed by other data.
/// </summary>
/// <remarks>
/// <see cref="GZipStream"/> takes both for the end of the data. So a member with random content is added to the file's bytes: only if it
/// comes out at the end were all bytes before it complete members.
/// </remarks>
internal sealed class WholeGzipStream : ForwardStream
{
    private const int MarkLength = 16;
    private readonly byte[] _mark = RandomNumberGenerator.GetBytes(MarkLength);
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly GZipStream _plain;

    // Decompressed bytes that were not returned yet. The last ones are held back, because they may be the mark.
    private int _at;
    private int _end;

    /// <param name="file">The compressed bytes; not disposed.</param>
    public WholeGzipStream(Stream file) => _plain = new GZipStream(new Appended(file, Compress(_mark)), CompressionMode.Decompress);

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">The data are damaged or cut off, or other data follow them.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_end - _at <= MarkLength)
        {
            _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
            (_at, _end) = (0, _end - _at);
            var count = _plain.Read(_buffer.AsSpan(_end));
            _end += count;
            if (count == 0)
            {
                return _buffer.AsSpan(0, _end).SequenceEqual(_mark) ? 0
                    : throw new InvalidDataException("the compressed data are cut off, or other data follow them");
            }
        }
        var length = Math.Min(buffer.Length, _end - _at - MarkLength);
        _buffer.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
        }
        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.NoCompression))
        {
            gzip.Write(bytes);
        }
        return compressed.ToArray();
    }

    /// <summary>The bytes of one stream, and then others.</summary>
    private sealed class Appended(Stream first, byte[] then) : ForwardStream
    {
        private int _at;

        public override int Read(Span<byte> buffer)
        {
            var count = first.Read(buffer);
            if (count > 0)
            {
                return count;
            }
            count = Math.Min(buffer.Length, then.Length - _at);
            then.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }
    }
}
