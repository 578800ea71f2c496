using FraudScoring.Training.Evaluation.Handbook;

namespace FraudScoring.Tests.Training.Evaluation.Handbook;

public sealed class LabelDelayTests
{
    [TestCase("0", 0, "0")]
    [TestCase("0d", 0, "0")]
    [TestCase("90m", 5_400_000, "90m")]
    [TestCase("60m", 3_600_000, "1h")]
    [TestCase("24h", 86_400_000, "1d")]
    [TestCase("28d", 28 * 86_400_000L, "28d")]
    public void TryParse_Delay_IsParsedAndFormatted(string text, long ms, string formatted)
    {
        Assert.That(LabelDelay.TryParse(text, out var delay), Is.True);
        Assert.That((delay.Ms, delay.ToString()), Is.EqualTo((ms, formatted)));
    }

    [TestCase("")]
    [TestCase("7")]
    [TestCase("d")]
    [TestCase("-1h")]
    [TestCase("1.5h")]
    [TestCase("1w")]
    [TestCase("29d")]
    [TestCase("99999999999d")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.That(LabelDelay.TryParse(text, out _), Is.False);
}
