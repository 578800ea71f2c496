using FraudScoring.Demo;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Demo;

internal sealed class FiguresTests
{
    [Test]
    public void Words_NamesOfCodeAndOfStages_ReadAsWords()
    {
        Assert.That(Figures.Words(FraudScenario.AccountTakeover), Is.EqualTo("Account takeover"));
        Assert.That(Figures.Words("read_features"), Is.EqualTo("read features"));
        Assert.That(Figures.Words("infer"), Is.EqualTo("infer"));
    }

    [Test]
    public void Percent_NoShare_IsAHyphen()
    {
        Assert.That(Figures.Percent(double.NaN), Is.EqualTo("-"));
        Assert.That(Figures.Percent(0.12345, 2), Is.EqualTo("12.35 %").Or.EqualTo("12.34 %"));
    }

    [TestCase(0.4, "0.000")]
    [TestCase(1_234, "1.234")]
    [TestCase(12_345, "12.35")]
    [TestCase(1_234_560, "1,234.6")]
    public void Milliseconds_OfMicroseconds_HaveFourDigits(double micros, string text) =>
        Assert.That(Figures.Milliseconds(micros), Is.EqualTo(text));

    [TestCase("abcdef", 6, "abcdef")]
    [TestCase("abcdef", 5, "abcd…")]
    [TestCase("abcdef", 0, "…")]
    public void Clip_TextAndWidth_CutsWhatDoesNotFit(string text, int width, string clipped) =>
        Assert.That(Figures.Clip(text, width), Is.EqualTo(clipped));

    [Test]
    public void Clock_HoursAndMore_AreMinutes() => Assert.That(Figures.Clock(new TimeSpan(2, 3, 4)), Is.EqualTo("123:04"));
}
