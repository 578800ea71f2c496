namespace FraudScoring.Demo;

/// <summary>Buffers the warnings that the service logs, so that they do not disturb the view.</summary>
internal sealed class DemoLog : ILoggerProvider
{
    private const int MostLines = 20;
    private readonly Queue<LogLine> _lines = [];
    private readonly Lock _gate = new();

    /// <summary>Takes the buffered lines, oldest first, without duplicates; if there are too many, only the newest are kept.</summary>
    public IReadOnlyList<LogLine> Take()
    {
        lock (_gate)
        {
            LogLine[] lines = [.. _lines];
            _lines.Clear();
            return lines;
        }
    }

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Category(this);

    /// <inheritdoc />
    public void Dispose()
    {
        // Lines may be taken after the service has gone.
    }

    private void Add(LogLine line)
    {
        lock (_gate)
        {
            if (_lines.Contains(line))
            {
                return;
            }
            if (_lines.Count == MostLines)
            {
                _lines.Dequeue();
            }
            _lines.Enqueue(line);
        }
    }

    private sealed class Category(DemoLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(level))
            {
                var reason = exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})";
                log.Add(new LogLine(level, formatter(state, exception) + reason));
            }
        }
    }
}

/// <summary>A line of the log.</summary>
internal readonly record struct LogLine(LogLevel Level, string Text);
