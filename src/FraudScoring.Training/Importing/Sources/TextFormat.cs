using System.Text;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>What a mapping says about text files.</summary>
/// <param name="Encoding">Their character encoding; null to detect it in each file.</param>
/// <param name="Delimiter">Separates the fields; null for tabs in <c>.tsv</c> files and commas in others.</param>
/// <param name="Quote">Encloses fields; null if nothing does.</param>
/// <param name="Escape">Precedes a quote inside a quoted field; null if quotes are doubled.</param>
internal sealed record TextFormat(Encoding? Encoding = null, char? Delimiter = null, char? Quote = '"', char? Escape = null)
{
    /// <summary>How the records of a file are written.</summary>
    public CsvDialect DialectOf(string path) =>
        new(Delimiter ?? (path.Contains(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ','), Quote, Escape ?? Quote ?? '"');
}
