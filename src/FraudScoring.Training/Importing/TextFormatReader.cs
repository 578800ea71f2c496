using System.Text;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Training.Importing;

/// <summary>Reads what a mapping says about text files.</summary>
internal static class TextFormatReader
{
    /// <summary>Reads <c>encoding</c>, <c>delimiter</c>, <c>quote</c> and <c>escape</c>.</summary>
    public static TextFormat Read(JsonNodeReader root)
    {
        var (delimiter, quote, escape) = (root.Member("delimiter"), root.Member("quote"), root.Member("escape"));
        var format = new TextFormat(
            ReadEncoding(root.Member("encoding")), ReadCharacter(delimiter),
            quote.Kind == JsonValueKind.Null ? null : ReadCharacter(quote) ?? '"', ReadCharacter(escape));
        if (format.Quote is { } enclosing && format.Delimiter == enclosing)
        {
            delimiter.Fault("must not be the quote");
        }
        if (format.Escape is not null && format.Escape == format.Delimiter)
        {
            escape.Fault("must not be the delimiter");
        }
        if (format is { Quote: null, Escape: not null })
        {
            escape.Fault("is not allowed without a quote");
        }
        return format;
    }

    private static Encoding? ReadEncoding(JsonNodeReader node)
    {
        if (!node.Exists)
        {
            return null;
        }
        var encoding = TextEncoding.Find(node.Text());
        if (encoding is null)
        {
            node.Fault($"must be one of {string.Join(", ", TextEncoding.Names)}; leave it out to have it detected");
        }
        return encoding;
    }

    private static char? ReadCharacter(JsonNodeReader node)
    {
        if (node.TextOrNull() is not { } text)
        {
            return null;
        }
        if (text is [not ('\r' or '\n' or '\0') and <= '\x7e'])
        {
            return text[0];
        }
        node.Fault("must be a single ASCII character, not the end of a line");
        return null;
    }
}
