using System.Collections.Frozen;

namespace FraudScoring.Training.Importing;

/// <summary>Where a field's text comes from: a column or a constant, and what is done with it on the way.</summary>
internal sealed record FieldSource
{
    /// <summary>Position of the column among <see cref="ImportMapping.Columns"/>; -1 for a constant.</summary>
    public int Slot { get; init; } = -1;

    /// <summary>The same text for every row, where there is no column.</summary>
    public string Constant { get; init; } = "";

    /// <summary>Taken away from the beginning of the column's text, where it is there.</summary>
    public string Strip { get; init; } = "";

    /// <summary>What stands for which text of the column; null when the text stands for itself.</summary>
    public FrozenDictionary<string, string>? Values { get; init; }

    /// <summary>Stands for texts that <see cref="Values"/> does not name, and for a missing one; null when there is nothing to stand for them.</summary>
    public string? Otherwise { get; init; }

    /// <summary>The text becomes a token by a hash.</summary>
    public bool Hash { get; init; }

    /// <summary>Put before what is not missing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The field's text of one row, empty when missing.</summary>
    /// <param name="row">The texts of the mapped columns.</param>
    /// <param name="tokens">Makes tokens.</param>
    /// <param name="text">The text.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Parse(string[] row, TokenHash tokens, out string text)
    {
        text = Slot < 0 ? Constant : row[Slot];
        if (Strip.Length > 0 && text.StartsWith(Strip, StringComparison.Ordinal))
        {
            text = text[Strip.Length..];
        }
        if (text.Length == 0 || Values is not null)
        {
            var found = text.Length > 0 ? Values!.GetValueOrDefault(text, Otherwise!) : Otherwise ?? "";
            if (found is null)
            {
                return "has a text that the mapping's values do not name; name it, or give otherwise";
            }
            text = found;
        }
        text = text.Length == 0 ? "" : Prefix + (Hash ? tokens.Compute(text) : text);
        return null;
    }
}
