namespace FraudScoring.Training.Importing.Sources;

/// <summary>How the records of a CSV file are written.</summary>
/// <param name="Delimiter">Separates the fields.</param>
/// <param name="Quote">Encloses fields that hold delimiters, quotes or ends of lines; null if nothing does.</param>
/// <param name="Escape">
/// Precedes a quote inside a quoted field. If it is the quote itself, quotes are doubled, as RFC 4180 has it; Spark writes a backslash.
/// </param>
internal sealed record CsvDialect(char Delimiter, char? Quote, char Escape)
{
    /// <summary>Comma, double quotes, doubled inside fields: RFC 4180.</summary>
    public static CsvDialect Rfc4180 { get; } = new(',', '"', '"');

    /// <summary>The common delimiters.</summary>
    public const string Delimiters = ",;\t|";

    /// <summary>The common delimiter that a line holds most often; null if it holds none.</summary>
    public static char? LikelyDelimiter(string line)
    {
        var best = Delimiters.MaxBy(delimiter => line.AsSpan().Count(delimiter));
        return line.Contains(best, StringComparison.Ordinal) ? best : null;
    }
}
