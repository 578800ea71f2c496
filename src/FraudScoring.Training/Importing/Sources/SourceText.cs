using System.Text;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>The text of a source file: what its bytes are, and how many lines it has.</summary>
/// <param name="Encoding">Its character encoding.</param>
/// <param name="Lines">Number of its lines, counted independently of <see cref="LineReader"/>.</param>
/// <param name="IsGuessed">Whether the encoding was chosen because the file is not UTF-8 and the mapping names none.</param>
internal sealed record SourceText(Encoding Encoding, long Lines, bool IsGuessed)
{
    /// <summary>Reads a file once, to find its encoding and count its lines.</summary>
    /// <param name="file">The file.</param>
    /// <param name="encoding">The encoding that the mapping names; null to detect it.</param>
    /// <param name="cancellation">Checked between parts of the file.</param>
    /// <exception cref="InvalidDataException">The file is damaged, no text, or not in that encoding.</exception>
    public static SourceText Scan(SourceFile file, Encoding? encoding, CancellationToken cancellation)
    {
        var first = EncodingOf(file, encoding);
        try
        {
            return new SourceText(first, CountLines(file, first, cancellation), false);
        }
        catch (DecoderFallbackException) when (encoding is null)
        {
            return new SourceText(TextEncoding.Fallback, CountLines(file, TextEncoding.Fallback, cancellation), true);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException(
                $"{file.Name} is not encoded in {first.WebName}; correct encoding in the mapping, or leave it out to have it detected",
                error);
        }
    }

    /// <summary>Opens the text of a file.</summary>
    public static StreamReader Open(SourceFile file, Encoding encoding) =>
        new(SourceStream.Open(file), encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16);

    /// <summary>The byte order of UTF-16 is always taken from the file: its name says nothing about it.</summary>
    private static Encoding EncodingOf(SourceFile file, Encoding? encoding)
    {
        if (encoding is not null and not UnicodeEncoding)
        {
            return encoding;
        }
        using var start = SourceStream.Open(file);
        var detected = TextEncoding.Detect(start);
        return encoding is null || detected is UnicodeEncoding ? detected : encoding;
    }

    private static long CountLines(SourceFile file, Encoding encoding, CancellationToken cancellation)
    {
        using var reader = Open(file, encoding);
        var (count, buffer) = (new LineCount(), new char[1 << 16]);
        int length;
        while ((length = reader.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, length);
            count.Add(part);
            if (part.Contains('\0'))
            {
                throw new InvalidDataException(
                    $"{file.Name} is not text: line {count.Lines} or an earlier one holds NUL characters; export it as text");
            }
        }
        return count.Lines;
    }
}
