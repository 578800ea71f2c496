using FraudScoring.Core.Payments;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>The first rows of a file whose columns are unknown.</summary>
/// <param name="Names">Names of the columns, in order.</param>
/// <param name="Rows">The texts of up to <see cref="MostRows"/> well-formed rows; empty for missing values.</param>
internal sealed record SourceSample(IReadOnlyList<string> Names, IReadOnlyList<string[]> Rows)
{
    /// <summary>Most rows of a sample.</summary>
    public const int MostRows = 10_000;

    private const int MostNames = 1000, MemoryMb = 512, RowsOfDialect = 1000;

    /// <summary>Separator of fields; null if it is the default of the file's ending.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Precedes a quote inside a quoted field; null if quotes are doubled.</summary>
    public char? Escape { get; init; }

    /// <summary>Name of the encoding if it was assumed, because the file is not UTF-8; otherwise null.</summary>
    public string? Encoding { get; init; }

    /// <summary>Reads the sample of a file.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, empty or no table with a header; the message says what to do.
    /// </exception>
    public static SourceSample Read(SourceFile file, CancellationToken cancellation)
    {
        var sample = file.Path.EndsWith(SourceFiles.Parquet, StringComparison.OrdinalIgnoreCase)
            ? ReadParquet(file, cancellation)
            : ReadText(file, cancellation);
        if (sample.Names.Count is 0 or > MostNames)
        {
            throw new InvalidDataException($"{file.Name} has {sample.Names.Count} columns; a mapping can be guessed for 1 to {MostNames}");
        }
        if (sample.Rows.Count == 0)
        {
            throw new InvalidDataException($"{file.Name} has no well-formed row below its header; a guess requires rows");
        }
        return sample;
    }

    private static SourceSample ReadParquet(SourceFile file, CancellationToken cancellation)
    {
        using var database = new ImportDatabase(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), MemoryMb);
        var names = ParquetTable.NamesOf(file, database);
        var faults = new Faults();
        var table = names.Count == 0 ? null
            : ParquetTable.Open(file, new SourceColumns(names, [.. names.Select(_ => "$")]), database, faults);
        return faults.Count > 0 ? throw new InvalidDataException(faults.ToLines())
            : new SourceSample(names, [.. (table?.Read(cancellation) ?? []).Take(MostRows).Select(row => row.Texts.ToArray())]);
    }

    private static SourceSample ReadText(SourceFile file, CancellationToken cancellation)
    {
        var text = SourceText.Scan(file, null, cancellation);
        var byDefault = new TextFormat().DialectOf(file.Entry.Length > 0 ? file.Entry : file.Path);
        var dialect = FindDialect(file, text, byDefault, cancellation);
        var (names, rows, _) = ReadRecords(file, text, dialect, MostRows, cancellation);
        if (names.Count > 0)
        {
            CheckHeader(file, names);
        }
        return new SourceSample(names, rows)
        {
            Delimiter = dialect.Delimiter == byDefault.Delimiter ? null : dialect.Delimiter,
            Escape = dialect.Escape == dialect.Quote ? null : dialect.Escape,
            Encoding = text.IsGuessed ? text.Encoding.WebName : null,
        };
    }

    /// <summary>
    /// The separator that gives most columns among those by which nearly as many records are well-formed as by the best one. A backslash
    /// escapes quotes only if more records are then well-formed.
    /// </summary>
    private static CsvDialect FindDialect(SourceFile file, SourceText text, CsvDialect byDefault, CancellationToken cancellation)
    {
        var found = CsvDialect.Delimiters.Select(delimiter =>
        {
            var dialect = byDefault with { Delimiter = delimiter };
            var (names, rows, malformed) = ReadRecords(file, text, dialect, RowsOfDialect, cancellation);
            return (Dialect: dialect, Columns: names.Count, Share: rows.Count / (double)Math.Max(1, rows.Count + malformed));
        }).Where(candidate => candidate.Columns > 1).ToList();
        if (found.Count == 0)
        {
            return byDefault;
        }
        var most = found.Max(candidate => candidate.Share);
        var best = found.Where(candidate => candidate.Share >= most - 0.05).MaxBy(candidate => candidate.Columns).Dialect;
        var escaped = best with { Escape = '\\' };
        return ReadRecords(file, text, escaped, MostRows, cancellation).Malformed < ReadRecords(file, text, best, MostRows,
            cancellation).Malformed
            ? escaped
            : best;
    }

    private static (IReadOnlyList<string> Names, List<string[]> Rows, int Malformed) ReadRecords(
        SourceFile file, SourceText text, CsvDialect dialect, int most, CancellationToken cancellation)
    {
        using var lines = SourceText.Open(file, text.Encoding);
        var records = new RecordReader(new LineReader(lines), dialect);
        if (!records.Read() || records.Problem is not null)
        {
            return ([], [], 0);
        }
        var names = CsvTable.HeaderOf(records.Fields);
        records.Columns = names.Count;
        var (rows, malformed) = (new List<string[]>(), 0);
        while (rows.Count + malformed < most && records.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (records.Problem is null)
            {
                rows.Add([.. records.Fields]);
            }
            else
            {
                malformed++;
            }
        }
        return (names, rows, malformed);
    }

    private static void CheckHeader(SourceFile file, IReadOnlyList<string> names)
    {
        var data = names.Count(name => TextShape.IsNumber(name) || TextShape.IsTime(name));
        if (data * 4 >= names.Count || names.Any(name => CardNumber.Matches(name)))
        {
            throw new InvalidDataException(
                $"{file.Name} has no header: its first record looks like data ({data} of {names.Count} fields are numbers or times); "
                + "put a line of column names in front of it");
        }
    }
}
