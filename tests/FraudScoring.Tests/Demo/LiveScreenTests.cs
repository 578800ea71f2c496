using FraudScoring.Demo;

namespace FraudScoring.Tests.Demo;

internal sealed class LiveScreenTests
{
    [Test]
    public void Of_AnyTerminal_FitsAndDoesNotWrap(
        [Values(false, true)] bool crowded, [Values(80, 100, 120, 200)] int width, [Values(24, 40, 60)] int height)
    {
        var lines = Readings.Lines(LiveScreen.Render(Readings.Create(crowded), width, height), width);
        Assert.That(lines, Has.Length.LessThan(height), "the last row is the cursor's:\n" + string.Join('\n', lines));
        Assert.That(lines.Select(line => line.Length), Is.All.LessThanOrEqualTo(width));
        // Stages and scenarios share rows. A wrapped cell would push the next row down.
        var decide = Array.FindIndex(lines, line => line.StartsWith("decide", StringComparison.Ordinal));
        Assert.That(lines[decide], Does.Contain("all frauds"));
        Assert.That(lines[decide + 1], Does.StartWith("explain").And.Contain("false positives"));
    }

    [Test]
    public void Of_MoreRowsOrFewer_KeepsItsHeight()
    {
        var empty = Readings.Lines(LiveScreen.Render(Readings.Create(crowded: false), 80, 24), 80);
        var crowded = Readings.Lines(LiveScreen.Render(Readings.Create(crowded: true), 80, 24), 80);
        Assert.That(crowded, Has.Length.EqualTo(empty.Length), "a screen that changes its height flickers");
    }

    [TestCase(80, "CARD_VELOCITY")]
    [TestCase(120, "The card was used [very] often")]
    public void Of_Declines_ShowTruthAndReasons(int width, string reason)
    {
        var lines = Readings.Lines(LiveScreen.Render(Readings.Create(crowded: true), width, 40), width);
        Assert.That(lines, Has.Some.Contains("123456.78 EUR").And.Contains("100 %").And.Contains(reason));
    }

    [Test]
    public void Of_Failures_AreShownInTheLastLine()
    {
        var foot = Readings.Lines(LiveScreen.Render(Readings.Create(crowded: true), 120, 40), 120)[^1];
        Assert.That(foot, Does.Contain("1 failed (DeadlineExceeded)").And.Contain("60 with missing features").And.Contain("too late"));
    }
}
