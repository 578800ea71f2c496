using System.IO.Compression;
using System.IO.Hashing;
using ZstdSharp;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>
/// The bytes of a source file, decompressed. The compression is recognised by the content. Files that are cut off, altered or followed by
/// other data are refused when their end is reached: otherwise rows would be lost without a word.
/// </summary>
internal sealed class SourceStream : ForwardStream
{
    private readonly FileStream _file;
    private readonly string _name;
    private readonly ZipArchive? _archive;
    private readonly ZipArchiveEntry? _entry;
    private readonly Stream _plain;
    private readonly Crc32 _checksum = new();
    private long _length;

    private SourceStream(SourceFile source)
    {
        _name = source.Name;
        _file = new FileStream(source.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            if (source.Entry.Length > 0)
            {
                _archive = new ZipArchive(_file, ZipArchiveMode.Read, leaveOpen: true);
                _entry = _archive.GetEntry(source.Entry) ?? throw new InvalidDataException("the archive has changed");
                _plain = _entry.Open();
            }
            else
            {
                _plain = Decompressed(_file);
            }
        }
        catch
        {
            _archive?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no readable archive.</exception>
    public static SourceStream Open(SourceFile source)
    {
        try
        {
            return new SourceStream(source);
        }
        catch (InvalidDataException error)
        {
            throw Unreadable(source.Name, error);
        }
    }

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">The file is cut off, altered, or followed by other data.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            var count = _plain.Read(buffer);
            if (_entry is not null)
            {
                _checksum.Append(buffer[..count]);
                _length += count;
            }
            if (count == 0 && buffer.Length > 0)
            {
                CheckEnd();
            }
            return count;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or ZstdException)
        {
            throw Unreadable(_name, error);
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
            _archive?.Dispose();
            _file.Dispose();
        }
        base.Dispose(disposing);
    }

    private static Stream Decompressed(FileStream file)
    {
        Span<byte> start = stackalloc byte[4];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start[..length] switch
        {
            [0x1f, 0x8b, ..] => new WholeGzipStream(file),
            [0x28, 0xb5, 0x2f, 0xfd] => new DecompressionStream(file, leaveOpen: true),
            _ => file,
        };
    }

    /// <summary>The library does not compare the checksums of ZIP archives.</summary>
    private void CheckEnd()
    {
        if (_entry is not null && (_length != _entry.Length || _checksum.GetCurrentHashAsUInt32() != _entry.Crc32))
        {
            throw new InvalidDataException("its length or checksum is wrong");
        }
    }

    // The library reports a wrong checksum as an unsupported compression method.
    private static InvalidDataException Unreadable(string name, Exception error) =>
        new($"{name} is damaged or incomplete{(error.Message.Contains("cut off", StringComparison.Ordinal) ? $" ({error.Message})" : "")}; "
            + "copy or export it again", error);
}
