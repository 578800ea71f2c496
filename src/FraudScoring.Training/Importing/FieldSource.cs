using System.Collections.Frozen;

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
        text = text.Length == 0 ? "" : Prefix + (Hash ? tokens.Compute(text) : text);
        return null;
    }
}
