namespace FraudScoring.Demo;

/// <summary>Buffers the service log until it can be shown, so that it does not run across the view.</summary>
internal sealed class DemoLog : ILoggerProvider
{
    private const int MostLines = 20;
    private readonly Queue<LogLine> _lines = [];
    private readonly Lock _gate = new();

    /// <summary>Lines not taken yet, oldest first, without duplicates; only the newest if there are many.</summary>
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
        // Lines may be taken after the service has stopped.
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

internal readonly record struct LogLine(LogLevel Level, string Text);
