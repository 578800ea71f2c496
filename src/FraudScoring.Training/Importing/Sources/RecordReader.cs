using System.Globalization;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>
/// Reads the records of a CSV file. A malformed record costs its first line only: reading goes on with the next line, so a stray quote
/// cannot swallow the rows after it.
/// </summary>
/// <remarks>
/// The readers that were tried (DuckDB, Sep, Sylvan, CsvHelper) take everything up to the next quote for one field, and then stop or skip
/// an unknown number of lines; see decision 0015. A quoted field may span lines here as well, but only if the whole record has as many
/// fields as the header, within <see cref="MaxRecordLines"/> lines.
/// </remarks>
internal sealed class RecordReader
{
    /// <summary>Most lines of one record.</summary>
    public const int MaxRecordLines = 100;

    private readonly LineReader _lines;
    private readonly RecordParser _parser;
    private readonly Queue<(string Text, bool WasTooLong)> _again = new();
    private readonly List<(string Text, bool WasTooLong)> _record = [];
    private long _lastLine;

    public RecordReader(LineReader lines, CsvDialect dialect) => (_lines, _parser) = (lines, new RecordParser(dialect));

    /// <summary>Number of fields that every record must have; 0 before the header is known.</summary>
    public int Columns { get; set; }

    /// <summary>Number of the record's first line, starting at 1.</summary>
    public long Line { get; private set; }

    /// <summary>The record's fields; undefined if it has a <see cref="Problem"/>.</summary>
    public IReadOnlyList<string> Fields => _parser.Fields;

    /// <summary>Why the record is malformed; null if it is not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Number of blank lines so far. They are no records.</summary>
    public long BlankLines { get; private set; }

    /// <summary>Number of lines so far.</summary>
    public long Lines => _lastLine;

    /// <summary>Reads the next record; false at the end of the file.</summary>
    public bool Read()
    {
        while (NextLine() is { } line)
        {
            if (IsBlank(line.Text) && !line.WasTooLong)
            {
                BlankLines++;
                continue;
            }
            Line = _lastLine;
            Problem = line.WasTooLong
                ? $"is longer than {LineReader.MaxLength.ToString("#,0", CultureInfo.InvariantCulture)} characters"
                : Parse(line.Text);
            return true;
        }
        return false;
    }

    /// <summary>
    /// A line of tabs is a record of empty fields if the delimiter is a tab. In a single column, an empty line is a value.
    /// </summary>
    private bool IsBlank(string line) =>
        Columns != 1 && line.AsSpan().IsWhiteSpace() && !line.Contains(_parser.Dialect.Delimiter, StringComparison.Ordinal);

    private string? Parse(string line)
    {
        _record.Clear();
        var state = _parser.Begin(line);
        var length = line.Length;
        while (state == RecordState.Open && _record.Count < MaxRecordLines - 1 && length <= LineReader.MaxLength && NextLine() is { } next)
        {
            length += next.Text.Length;
            _record.Add(next);
            state = next.WasTooLong ? RecordState.Malformed : _parser.Continue(next.Text);
        }
        var isMultiline = _record.Count > 0;
        var problem = ProblemOf(state, isMultiline);
        if (problem is not null && isMultiline)
        {
            ReadAgain();
        }
        return problem;
    }

    private string? ProblemOf(RecordState state, bool isMultiline)
    {
        const string advice = "if quotes are written another way, set quote or escape in the mapping";
        if (state == RecordState.Complete && (Columns == 0 || Fields.Count == Columns))
        {
            return null;
        }
        if (isMultiline || state == RecordState.Open)
        {
            return $"has a quote that no line within {MaxRecordLines} closes properly; the lines after it were read as rows of their own; "
                + advice;
        }
        return state == RecordState.Malformed ? $"has text after a closing quote; {advice}"
            : string.Create(CultureInfo.InvariantCulture, $"has {Fields.Count} columns; the header has {Columns}");
    }

    /// <summary>Puts the lines after the first one back, in front of those that were put back before.</summary>
    private void ReadAgain()
    {
        _record.AddRange(_again);
        _again.Clear();
        foreach (var line in _record)
        {
            _again.Enqueue(line);
        }
        _lastLine = Line;
    }

    private (string Text, bool WasTooLong)? NextLine()
    {
        if (!_again.TryDequeue(out var line))
        {
            if (_lines.Read() is not { } text)
            {
                return null;
            }
            line = (text, _lines.WasTooLong);
        }
        _lastLine++;
        return line;
    }
}
