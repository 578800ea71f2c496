using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>The source of a field's text: a column or a constant, and the steps applied to it.</summary>
internal sealed record FieldSource
{
    /// <summary>Index of the column in <see cref="ImportMapping.Columns"/>; -1 for a constant.</summary>
    public int Column { get; init; } = -1;

    /// <summary>The text of every row if there is no column.</summary>
    public string Constant { get; init; } = "";

    /// <summary>Prefix removed from the column's text, if present.</summary>
    public string Strip { get; init; } = "";

    /// <summary>Replacements of the column's texts; null to keep the texts.</summary>
    public FrozenDictionary<string, string>? Values { get; init; }

    /// <summary>Replaces missing texts and texts not listed in <see cref="Values"/>; null to reject unlisted texts.</summary>
    public string? Otherwise { get; init; }

    /// <summary>What the text is, and so how it is normalized and checked.</summary>
    public TextKind Kind { get; init; }

    /// <summary>True to replace the text with its <see cref="TokenHash"/>.</summary>
    public bool Hash { get; init; }

    /// <summary>Prepended to a text that is not empty, after hashing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Computes the field's text of one row.</summary>
    /// <param name="row">The texts of the mapped columns.</param>
    /// <param name="tokens">The hash of identifiers.</param>
    /// <param name="text">The text; empty if missing.</param>
    /// <returns>The fault, or null.</returns>
    public string? Parse(string[] row, TokenHash tokens, out string text)
    {
        text = Column < 0 ? Constant : row[Column];
        if (Strip.Length > 0 && text.StartsWith(Strip, StringComparison.Ordinal))
        {
            text = text[Strip.Length..];
        }
        if (text.Length == 0 || Values is not null)
        {
            var found = text.Length > 0 ? Values!.GetValueOrDefault(text, Otherwise!) : Otherwise ?? "";
            if (found is null)
            {
                return "holds a text that is not listed in the mapping's values; add it there, or set otherwise";
            }
            text = found;
        }
        if (Column >= 0 && text.Length > 0 && Normalize(ref text) is { } problem)
        {
            return problem;
        }
        text = text.Length == 0 ? "" : Prefix + (Hash ? tokens.Compute(text) : text);
        return null;
    }

    private const string LostDigits =
        "has lost digits as a floating-point number, so that different identifiers look the same; export the column as text";

    /// <summary>
    /// Gives every spelling of the same identifier one text, and refuses card numbers here, because the service could not see one behind a
    /// prefix.
    /// </summary>
    private string? Normalize(ref string text)
    {
        if (Kind == TextKind.Category)
        {
            if (WholeNumber.TryNormalize(ref text) && text.Length < 4 && text.All(char.IsAsciiDigit))
            {
                text = text.PadLeft(4, '0');
            }
            return null;
        }
        if (Kind == TextKind.Code || (Kind == TextKind.Attribute && !Hash && !CardNumber.Matches(text)))
        {
            return null;
        }
        var isRounded = false;
        var digits = Hash || Kind is TextKind.Token or TextKind.Attribute ? CardNumber.DigitsOf(text, out isRounded) : null;
        if (digits is not null && !Hash)
        {
            return isRounded ? $"looks like a card number that {LostDigits}"
                : "looks like a card number; set \"hash\": true in the mapping";
        }
        if (isRounded)
        {
            return $"is a number that {LostDigits}";
        }
        text = digits ?? text;
        return WholeNumber.TryNormalize(ref text) ? null : $"is a number that {LostDigits}";
    }
}

/// <summary>What a field's text is.</summary>
internal enum TextKind
{
    /// <summary>A code of a list, such as a currency, an address, or a number.</summary>
    Code,

    /// <summary>A merchant category code of four digits.</summary>
    Category,

    /// <summary>An identifier. Whole numbers have one form: 12345.0 becomes 12345.</summary>
    Identifier,

    /// <summary>An identifier that must not be a card number.</summary>
    Token,

    /// <summary>A text attribute. It must not be a card number, and is left as it is unless it is hashed.</summary>
    Attribute,
}
