using FraudScoring.Server.Monitoring;
using Microsoft.Extensions.Logging;

namespace FraudScoring.Tests.Server.Monitoring;

public sealed class LogTests
{
    [Test]
    public void Events_All_HaveAnIdAndANameOfTheirOwn()
    {
        var events = FrozenContracts.LoggedEvents().ToList();
        Assert.That(events.Select(logged => logged.Event.EventId), Is.Unique.And.All.InRange(100, 999));
        Assert.That(events.Select(logged => logged.Name), Is.Unique);
    }

    [Test]
    public void Pauses_AreLoggedWithTheirUnit()
    {
        var log = new LastLine();
        log.ProfileWriteRetried(TimeSpan.FromMilliseconds(20), "Timeout.");
        Assert.That(log.Text, Does.Contain("retrying in 0.02 s. Timeout."));
        log.LabelRetried("fraud.labels", TimeSpan.FromSeconds(1), "Timeout.");
        Assert.That(log.Text, Does.Contain("retrying in 1 s. Timeout."));
        Assert.That(log.Event, Is.EqualTo(new EventId(412, nameof(Log.LabelRetried))));
    }

    private sealed class LastLine : ILogger
    {
        public string Text { get; private set; } = "";

        public EventId Event { get; private set; }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter) =>
            (Text, Event) = (formatter(state, exception), id);
    }
}
