using FraudScoring.Demo;
using Microsoft.Extensions.Logging;

namespace FraudScoring.Tests.Demo;

internal sealed class DemoLogTests
{
    [Test]
    public void Take_LinesOfAllLevels_GivesWarningsAndGraverOnce()
    {
        using var log = new DemoLog();
        var logger = log.CreateLogger("any");
        Write(logger, LogLevel.Information, "quiet");
        Write(logger, LogLevel.Warning, "loud");
        Write(logger, LogLevel.Warning, "loud");
        Write(logger, LogLevel.Error, "broken", new InvalidOperationException("why"));
        Assert.That(log.Take(), Is.EqualTo(new[]
        {
            new LogLine(LogLevel.Warning, "loud"), new LogLine(LogLevel.Error, "broken (InvalidOperationException: why)"),
        }));
        Assert.That(log.Take(), Is.Empty);
    }

    [Test]
    public void Take_TooManyLines_KeepsTheNewest()
    {
        using var log = new DemoLog();
        var logger = log.CreateLogger("any");
        for (var i = 0; i < 1_000; i++)
        {
            Write(logger, LogLevel.Warning, $"{i}");
        }
        var lines = log.Take();
        Assert.That(lines, Has.Count.LessThan(100));
        Assert.That(lines[^1].Text, Is.EqualTo("999"));
    }

    private static void Write(ILogger logger, LogLevel level, string text, Exception? exception = null) =>
        logger.Log(level, 0, text, exception, (state, _) => state);
}
