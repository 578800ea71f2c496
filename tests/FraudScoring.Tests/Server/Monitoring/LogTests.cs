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
        var log = new RecordedLog<LogTests>();
        log.ProfileWriteRetried(TimeSpan.FromMilliseconds(20), "Timeout.");
        Assert.That(log.Lines[^1].Line, Does.Contain("retrying in 0.02 s. Timeout."));
        log.LabelRetried("fraud.labels", TimeSpan.FromSeconds(1), "Timeout.");
        Assert.That(log.Lines[^1].Line, Does.Contain("retrying in 1 s. "));
        Assert.That(log.Lines[^1].Event, Is.EqualTo(new EventId(412, nameof(Log.LabelRetried))));
    }
}
