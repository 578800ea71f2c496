using Microsoft.Extensions.Logging;

namespace FraudScoring.Tests.Server.Monitoring;

/// <summary>A logger that keeps its lines and their events.</summary>
internal sealed class RecordedLog<T> : ILogger<T>
{
    public List<(LogLevel Level, EventId Event, string Line)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add((logLevel, eventId, formatter(state, exception)));
}
