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
internal sealed class WholeGzipStream : Stream
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
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
    private sealed class Appended(Stream first, byte[] then) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
