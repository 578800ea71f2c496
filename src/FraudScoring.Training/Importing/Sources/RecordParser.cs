using System.Text;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>What a line has made of a record.</summary>
internal enum RecordState
{
    /// <summary>The record ends with the line.</summary>
    Complete,

    /// <summary>The line ends within quotes, so the record may continue on the next one.</summary>
    Open,

    /// <summary>Something follows a closing quote that is neither a delimiter nor the end of the line.</summary>
    Malformed,
}

/// <summary>Splits the lines of one record into fields. A quote that does not begin a field is an ordinary character.</summary>
internal sealed class RecordParser(CsvDialect dialect)
{
    private readonly StringBuilder _quoted = new();

    /// <summary>How the records are written.</summary>
    public CsvDialect Dialect => dialect;

    /// <summary>The fields of the record, in order.</summary>
    public List<string> Fields { get; } = [];

    /// <summary>Begins a record with its first line.</summary>
    public RecordState Begin(string line)
    {
        Fields.Clear();
        _quoted.Clear();
        return Unquoted(line, 0);
    }

    /// <summary>Continues an open record with the next line.</summary>
    public RecordState Continue(string line)
    {
        _quoted.Append('\n');
        return Quoted(line, 0);
    }

    private RecordState Unquoted(string line, int at)
    {
        while (true)
        {
            if (at < line.Length && line[at] == dialect.Quote)
            {
                _quoted.Clear();
                return Quoted(line, at + 1);
            }
            var end = line.IndexOf(dialect.Delimiter, at);
            if (end < 0)
            {
                Fields.Add(line[at..]);
                return RecordState.Complete;
            }
            Fields.Add(line[at..end]);
            at = end + 1;
        }
    }

    private RecordState Quoted(string line, int at)
    {
        var quote = dialect.Quote!.Value;
        while (true)
        {
            var length = line.AsSpan(at).IndexOfAny(quote, dialect.Escape);
            if (length < 0)
            {
                _quoted.Append(line, at, line.Length - at);
                return RecordState.Open;
            }
            _quoted.Append(line, at, length);
            at += length;
            var isEscape = dialect.Escape == quote ? at + 1 < line.Length && line[at + 1] == quote : line[at] == dialect.Escape;
            if (!isEscape)
            {
                return Close(line, at + 1);
            }
            at++;
            if (at < line.Length)
            {
                _quoted.Append(line[at++]);
            }
        }
    }

    private RecordState Close(string line, int at)
    {
        Fields.Add(_quoted.ToString());
        if (at == line.Length)
        {
            return RecordState.Complete;
        }
        return line[at] == dialect.Delimiter ? Unquoted(line, at + 1) : RecordState.Malformed;
    }
}
