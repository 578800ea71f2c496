namespace FraudScoring.Training.Quality;

/// <summary>A column to check: a feature or a payment field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">One number per row, in order of time; NaN is missing. Texts are replaced with numbers.</param>
/// <param name="Kind">The meaning of the numbers.</param>
internal sealed record QualityColumn(string Name, double[] Values, ColumnKind Kind)
{
    /// <summary>A column of texts. Null and the empty text are missing.</summary>
    public static QualityColumn OfTexts(string name, IEnumerable<string?> texts, ColumnKind kind)
    {
        var codes = new Dictionary<string, double>(StringComparer.Ordinal);
        double CodeOf(string text) => codes.TryGetValue(text, out var code) ? code : codes[text] = codes.Count;
        return new QualityColumn(name, [.. texts.Select(text => string.IsNullOrEmpty(text) ? double.NaN : CodeOf(text))], kind);
    }
}

/// <summary>What a column's numbers mean.</summary>
internal enum ColumnKind
{
    /// <summary>A quantity, such as an amount.</summary>
    Number,

    /// <summary>One of a few codes without order, such as a channel.</summary>
    Category,

    /// <summary>An id, such as a card's or a merchant's. New ones appear all the time, so drift and ranking mean nothing.</summary>
    Identifier,
}
