using System.IO.Compression;
using System.Text;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>A source file as a table of texts.</summary>
/// <remarks>
/// A CSV file is read twice. DuckDB reports malformed lines only when a query is over, and a query that skips them does not number the
/// rows it returns: the first pass (<see cref="Examine"/>) collects the malformed lines, the second (<see cref="Read"/>) numbers the
/// others around them, so that every message names the right row. The cost is a second read of the file.
/// </remarks>
/// <param name="Path">The file.</param>
/// <param name="From">DuckDB's table expression.</param>
/// <param name="Select">SQL expressions for the texts of the mapped columns, in the mapping's order.</param>
/// <param name="IsCsv">True for CSV, which may hold malformed lines; false for Parquet.</param>
internal sealed record SourceTable(string Path, string From, IReadOnlyList<string> Select, bool IsCsv)
{
    private const string ParquetEnding = ".parquet";
    private static readonly string[] CsvEndings = [".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz"];

    /// <summary>Malformed lines: row number, starting at 1, and fault. Empty before <see cref="Examine"/>.</summary>
    public SortedDictionary<long, string> Broken { get; } = [];

    /// <summary>Number of rows, malformed lines included; 0 before <see cref="Examine"/>.</summary>
    public long Rows { get; private set; }

    /// <summary>Opens a file and finds the mapping's columns in it; null, with faults, if one is missing.</summary>
    public static SourceTable? Open(string path, ImportMapping mapping, ImportDatabase database, Faults faults)
    {
        var isCsv = CsvEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
        if (!isCsv && !path.EndsWith(ParquetEnding, StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(path, $"has an unknown extension; supported are {string.Join(", ", CsvEndings)} and {ParquetEnding}");
            return null;
        }
        var parquet = $"read_parquet({ImportDatabase.Text(path)})";
        var header = isCsv ? Header(path, mapping.Delimiter)
            : database.Query($"DESCRIBE SELECT * FROM {parquet}", reader => reader.GetString(0), CancellationToken.None).ToList();
        var before = faults.Count;
        var positions = mapping.Columns.Select((column, i) => Find(column, mapping.ColumnPaths[i], header, path, faults)).ToList();
        if (faults.Count > before)
        {
            return null;
        }
        return isCsv
            ? new SourceTable(
                path, Csv(path, header.Count, mapping.Delimiter), [.. positions.Select(p => FormattableString.Invariant($"c{p}"))], true)
            : new SourceTable(path, parquet,
                [.. positions.Select(p => $"CAST(\"{header[p].Replace("\"", "\"\"", StringComparison.Ordinal)}\" AS VARCHAR)")], false);
    }

    /// <summary>Counts the rows and finds the malformed lines of a CSV file.</summary>
    public void Examine(ImportDatabase database, CancellationToken cancellation)
    {
        // DuckDB skips columns that no expression uses. Using all of them makes both passes reject the same lines.
        var counts = string.Join(", ", Select.Select(column => $"count({column})"));
        const string skipping = "ignore_errors=true", recording = "ignore_errors=true, store_rejects=true, rejects_limit=0";
        var from = IsCsv ? From.Replace(skipping, recording, StringComparison.Ordinal) : From;
        // Enumerated to the end, because the rejected lines are known only when the query is over.
        Rows = database.Query($"SELECT count(*), {counts} FROM {from}", reader => reader.GetInt64(0), cancellation).ToList()[0];
        if (!IsCsv)
        {
            return;
        }
        foreach (var (line, error) in database.Query(
            "SELECT line, error_type FROM reject_errors ORDER BY line, column_idx",
            reader => ((long)reader.GetFieldValue<ulong>(0), reader.GetString(1)), cancellation))
        {
            Broken.TryAdd(line - 1, $"is a malformed CSV line: {error.ToLowerInvariant()}");
        }
        database.Execute("DROP TABLE reject_errors; DROP TABLE reject_scans");
        Rows += Broken.Count;
    }

    /// <summary>
    /// The well-formed rows: number in the file, starting at 1, and texts. The array of texts is reused for the next row.
    /// </summary>
    /// <exception cref="InvalidDataException">The file changed between the two passes.</exception>
    public IEnumerable<(long Row, string[] Texts)> Read(ImportDatabase database, CancellationToken cancellation)
    {
        var texts = new string[Select.Count];
        var rows = database.Query($"SELECT {string.Join(", ", Select)} FROM {From}", reader =>
        {
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = reader.IsDBNull(i) ? "" : reader.GetString(i);
            }
            return texts;
        }, cancellation);
        long row = 0;
        foreach (var found in rows)
        {
            do
            {
                row++;
            }
            while (Broken.ContainsKey(row));
            yield return (row, found);
        }
        while (Broken.ContainsKey(row + 1))
        {
            row++;
        }
        if (row != Rows)
        {
            throw new InvalidDataException($"{Path} had {Rows} rows, then {row}: the file changed during the import; import it again");
        }
    }

    private static int Find(string column, string mappingPath, List<string> header, string path, Faults faults)
    {
        var at = header.IndexOf(column);
        if (at < 0)
        {
            faults.Add(mappingPath, $"names the column '{column}', "
                + $"but the columns of {path} are {string.Join(", ", header.Select(name => $"'{name}'"))}");
        }
        else if (header.LastIndexOf(column) != at)
        {
            faults.Add(mappingPath, $"names the column '{column}', which occurs more than once in {path}");
        }
        return at;
    }

    /// <summary>
    /// A reader without DuckDB's type and dialect detection, which guesses from a sample of the lines: a later file of the same source
    /// could be read differently, and an identifier such as 007 would become the number 7. All columns are read as text.
    /// </summary>
    private static string Csv(string path, int columns, char delimiter)
    {
        var names = string.Join(", ", Enumerable.Range(0, columns).Select(i => FormattableString.Invariant($"'c{i}': 'VARCHAR'")));
        return $"read_csv({ImportDatabase.Text(path)}, columns={{{names}}}, auto_detect=false, header=true, "
            + $"delim={ImportDatabase.Text(delimiter.ToString())}, quote='\"', escape='\"', ignore_errors=true)";
    }

    private static List<string> Header(string path, char delimiter)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress)
            : (Stream)file;
        using var reader = new StreamReader(plain, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false));
        var names = new List<string>();
        var name = new StringBuilder();
        var quoted = false;
        foreach (var c in reader.ReadLine() ?? "")
        {
            if (c == '"')
            {
                // A doubled quote inside quotes stands for one quote: the first closes the quoted part, the second reopens it.
                quoted = !quoted;
                _ = quoted && name.Length > 0 ? name.Append('"') : name;
            }
            else if (c == delimiter && !quoted)
            {
                names.Add(name.ToString());
                name.Clear();
            }
            else
            {
                name.Append(c);
            }
        }
        names.Add(name.ToString());
        return names;
    }
}
