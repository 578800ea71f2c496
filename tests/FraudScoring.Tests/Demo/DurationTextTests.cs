using FraudScoring.Demo;

namespace FraudScoring.Tests.Demo;

internal sealed class DurationTextTests
{
    [TestCase("60", 60)]
    [TestCase("60s", 60)]
    [TestCase("0.5s", 0.5)]
    [TestCase("2m", 120)]
    [TestCase("1.5h", 5_400)]
    [TestCase("24h", 86_400)]
    public void TryParse_DurationInAKnownUnit_ReadsIt(string text, double seconds)
    {
        Assert.That(DurationText.TryParse(text, out var duration), Is.True);
        Assert.That(duration, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase("")]
    [TestCase("0s")]
    [TestCase("-5s")]
    [TestCase("1d")]
    [TestCase("25h")]
    [TestCase("1e3")]
    [TestCase("60 s")]
    [TestCase("1,5m")]
    [TestCase("99999999")]
    public void TryParse_AnythingElse_RefusesIt(string text) => Assert.That(DurationText.TryParse(text, out _), Is.False);
}
