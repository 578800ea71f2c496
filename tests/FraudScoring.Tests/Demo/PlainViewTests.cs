using FraudScoring.Demo;

namespace FraudScoring.Tests.Demo;

internal sealed class PlainViewTests
{
    [Test]
    public void Line_CrowdedReading_ShowsEverythingInOneLine()
    {
        var line = PlainView.Line(Readings.Create(crowded: true));
        Assert.That(line, Does.Contain("20,000/s").And.Contain("frauds caught").And.Contain("false positives 50.00 %"));
        Assert.That(line, Does.Contain("60 with missing features").And.Contain("1 failed (DeadlineExceeded)").And.Not.Contain("\n"));
    }

    [Test]
    public void Line_NothingScoredYet_ContainsNoNaN() =>
        Assert.That(
            PlainView.Line(Readings.Create(crowded: false)),
            Does.Contain("0 scored").And.Contain("false positives -").And.Not.Contain("NaN"));
}
