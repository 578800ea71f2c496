namespace FraudScoring.Training.Quality;

/// <summary>A column to look at: a feature, or a field of the payments.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">One number per row in order of time; NaN is missing. Texts are numbered.</param>
/// <param name="Kind">What the numbers mean.</param>
internal sealed record QualityColumn(string Name, double[] Values, ColumnKind Kind)
{
    /// <summary>A column of texts; null or empty is missing.</summary>
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
    /// <summary>Amounts and the like: more is more.</summary>
    Number,

    /// <summary>Codes without order, few of them.</summary>
    Category,

    /// <summary>Codes of cards, merchants and the like: new ones always come, and some are worse than others.</summary>
    Identifier,
}
