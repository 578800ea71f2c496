using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>A CSV file. It is read twice: to find its encoding and count its lines, and to read its rows.</summary>
internal sealed class CsvTable : SourceTable
{
    private readonly SourceText _text;
    private readonly CsvDialect _dialect;
    private readonly List<int> _positions;
    private readonly int _columns;
    private long _blankLines;

    private CsvTable(SourceFile file, SourceText text, CsvDialect dialect, List<int> positions, int columns)
        : base(file) => (_text, _dialect, _positions, _columns) = (text, dialect, positions, columns);

    /// <inheritdoc />
    public override string Unit => "line";

    /// <inheritdoc />
    public override long Size => _text.Lines;

    /// <inheritdoc />
    public override IEnumerable<string> Notes
    {
        get
        {
            if (_text.IsGuessed)
            {
                yield return $"{File.Name} is not UTF-8 and was read as {_text.Encoding.WebName}; if texts look wrong, set encoding in "
                    + $"the mapping";
            }
            if (_blankLines > 0)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{File.Name}: {_blankLines:#,0} blank lines skipped");
            }
        }
    }

    /// <summary>Opens a file and finds the columns in its header; null, with faults, if one is missing or the file is empty.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, no text, or not in the encoding that the mapping names.</exception>
    public static CsvTable? Open(SourceFile file, SourceColumns columns, TextFormat format, Faults faults, CancellationToken cancellation)
    {
        var text = SourceText.Scan(file, format.Encoding, cancellation);
        var dialect = format.DialectOf(file.Entry.Length > 0 ? file.Entry : file.Path);
        using var lines = SourceText.Open(file, text.Encoding);
        var records = new RecordReader(new LineReader(lines), dialect);
        if (!records.Read())
        {
            faults.Add(file.Name, "is empty; a CSV file must begin with a line of column names");
            return null;
        }
        if (records.Problem is { } problem)
        {
            faults.Add(file.Name, $"has a malformed header: line {records.Line} {problem}");
            return null;
        }
        var header = HeaderOf(records.Fields);
        var before = faults.Count;
        var positions = Find(columns, header, file, faults);
        if (faults.Count > before && header is [var only] && CsvDialect.LikelyDelimiter(only) is { } delimiter)
        {
            faults.Add(file.Name, $"seems to be separated by '{(delimiter == '\t' ? "\\t" : delimiter)}'; set delimiter in the mapping");
        }
        return faults.Count > before ? null : new CsvTable(file, text, dialect, positions, header.Count);
    }

    /// <summary>The column names of a header, without blanks around them and without a byte order mark written twice.</summary>
    public static IReadOnlyList<string> HeaderOf(IReadOnlyList<string> fields) =>
        [.. fields.Select(name => name.Trim().Trim('\uFEFF').Trim())];

    /// <inheritdoc />
    public override IEnumerable<SourceRow> Read(CancellationToken cancellation)
    {
        using var text = SourceText.Open(File, _text.Encoding);
        var records = new RecordReader(new LineReader(text), _dialect);
        records.Read();
        records.Columns = _columns;
        var texts = new string[_positions.Count];
        while (records.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (records.Problem is null)
            {
                for (var i = 0; i < texts.Length; i++)
                {
                    var at = _positions[i];
                    texts[i] = at < 0 ? "" : at < _columns ? records.Fields[at] : File.Partitions[at - _columns].Value;
                }
            }
            yield return new SourceRow(records.Line, texts, records.Problem);
        }
        _blankLines = records.BlankLines;
        if (records.Lines != _text.Lines)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{File.Name} had {_text.Lines} lines, then {records.Lines}: the file changed during the import; import it again"));
        }
    }
}
