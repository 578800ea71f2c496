using System.Text;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>The character encodings of text files.</summary>
internal static class TextEncoding
{
    private const int SampleBytes = 4096;
    // With a byte order mark, which a reader skips if it is there.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    private static readonly Dictionary<string, Encoding> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf-8"] = Utf8,
        ["utf-16"] = new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        ["utf-16le"] = new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        ["utf-16be"] = new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        ["windows-1252"] = CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
        ["iso-8859-1"] = Encoding.Latin1,
        ["iso-8859-15"] = CodePagesEncodingProvider.Instance.GetEncoding(28605)!,
    };

    /// <summary>The names that a mapping may use.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>
    /// Encoding of files that are not UTF-8, if nothing else is known: that of Western Windows, which includes ISO 8859-1.
    /// </summary>
    public static Encoding Fallback => ByName["windows-1252"];

    /// <summary>The encoding of a name in a mapping; null if there is none.</summary>
    public static Encoding? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>
    /// The encoding of a text by its first bytes: its byte order mark, or zeros in every other byte, as UTF-16 has them in Western texts;
    /// otherwise UTF-8.
    /// </summary>
    public static Encoding Detect(Stream stream)
    {
        var bytes = new byte[SampleBytes];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var sample = bytes.AsSpan(0, length);
        if (sample is [0xff, 0xfe, 0, 0, ..])
        {
            return new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true);
        }
        if (sample is [0xff, 0xfe, ..])
        {
            return ByName["utf-16le"];
        }
        if (sample is [0xfe, 0xff, ..])
        {
            return ByName["utf-16be"];
        }
        var (even, odd) = (0, 0);
        for (var i = 0; i + 1 < length; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }
        var most = length / 4;
        return length < 4 || Math.Max(even, odd) <= most ? Utf8 : ByName[odd > even ? "utf-16le" : "utf-16be"];
    }
}
