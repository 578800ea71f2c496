namespace FraudScoring.Training.Importing.Sources;

/// <summary>
/// Counts the lines of a text by a way of its own, so that <see cref="LineReader"/> and <see cref="RecordReader"/> can be checked: every
/// line that is counted here must have become a row, an invalid row, a blank line or a part of the header.
/// </summary>
internal sealed class LineCount
{
    private long _ends;
    private long _returns;
    private bool _isOpen;

    /// <summary>Number of lines so far. A line without an end counts.</summary>
    public long Lines => _ends + _returns + (_isOpen ? 1 : 0);

    /// <summary>Counts the next part of the text.</summary>
    public void Add(ReadOnlySpan<char> part)
    {
        while (part.Length > 0)
        {
            var at = part.IndexOfAny('\r', '\n');
            if (at != 0)
            {
                // Carriage returns that other text follows have ended a line each.
                _ends += _returns;
                _returns = 0;
                _isOpen = true;
            }
            if (at < 0)
            {
                return;
            }
            if (part[at] == '\n')
            {
                _ends++;
                _returns = 0;
            }
            else
            {
                _returns++;
            }
            _isOpen = false;
            part = part[(at + 1)..];
        }
    }
}
