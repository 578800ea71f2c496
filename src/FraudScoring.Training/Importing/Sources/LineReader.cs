using System.Text;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>
/// Reads the lines of a text. A line ends with a line feed, a carriage return, or a carriage return and a line feed; files that mix them
/// are common. Several carriage returns before a line feed, as a conversion applied twice writes them, are one end.
/// </summary>
/// <param name="text">The text; not disposed.</param>
internal sealed class LineReader(TextReader text)
{
    /// <summary>Longest line, in characters. The rest of a longer one is not kept.</summary>
    public const int MaxLength = 1 << 20;

    private readonly char[] _buffer = new char[1 << 16];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _end;
    private int _emptyLines;

    /// <summary>Number of lines read so far.</summary>
    public long Lines { get; private set; }

    /// <summary>Whether the last line was longer than <see cref="MaxLength"/>.</summary>
    public bool WasTooLong { get; private set; }

    /// <summary>The next line without its end; null at the end of the text.</summary>
    public string? Read()
    {
        WasTooLong = false;
        if (_emptyLines > 0)
        {
            _emptyLines--;
            Lines++;
            return "";
        }
        _line.Clear();
        var isFirst = true;
        while (_at < _end || Fill())
        {
            var rest = _buffer.AsSpan(_at, _end - _at);
            var length = rest.IndexOfAny('\r', '\n');
            var part = length < 0 ? rest : rest[..length];
            if (length >= 0 && isFirst)
            {
                return Finish(new string(part), rest[length], length);
            }
            Keep(part);
            if (length >= 0)
            {
                return Finish(_line.ToString(), rest[length], length);
            }
            isFirst = false;
            _at = _end;
        }
        if (isFirst)
        {
            return null;
        }
        Lines++;
        return _line.ToString();
    }

    private string Finish(string line, char end, int length)
    {
        _at += length + 1;
        Lines++;
        if (end == '\r')
        {
            SkipLineFeed();
        }
        return line;
    }

    /// <summary>Skips the rest of a line's end. Carriage returns that no line feed follows are ends of empty lines.</summary>
    private void SkipLineFeed()
    {
        var returns = 0;
        while (_at < _end || Fill())
        {
            if (_buffer[_at] == '\n')
            {
                _at++;
                return;
            }
            if (_buffer[_at] != '\r')
            {
                break;
            }
            _at++;
            returns++;
        }
        _emptyLines = returns;
    }

    private void Keep(ReadOnlySpan<char> part)
    {
        var room = MaxLength - _line.Length;
        WasTooLong |= part.Length > room;
        _line.Append(part.Length > room ? part[..room] : part);
    }

    private bool Fill()
    {
        (_at, _end) = (0, text.Read(_buffer));
        return _end > 0;
    }
}
