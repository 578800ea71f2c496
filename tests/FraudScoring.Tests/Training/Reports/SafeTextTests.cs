using FraudScoring.Training.Reports;

namespace FraudScoring.Tests.Training.Reports;

public sealed class SafeTextTests
{
    [TestCase("value 4111111111111111 is", "value …1111 is")]
    [TestCase("4111 1111-1111.1234", "…1234")]
    [TestCase("630423337322", "…7322")]
    [TestCase("36,700 of 2024-04-07, row 123456", "36,700 of 2024-04-07, row 123456")]
    [TestCase("a\u0001b", "a\ufffdb")]
    [TestCase("<b>naïve 🂡</b>", "<b>naïve 🂡</b>")]
    public void Clean_Text_HidesCardNumbersAndReplacesWhatXmlForbids(string text, string expected) =>
        Assert.That(SafeText.Clean(text), Is.EqualTo(expected));

    // Not a case of the test above: an attribute cannot hold half of a surrogate pair.
    [Test]
    public void Clean_HalfOfASurrogatePair_IsReplaced() => Assert.That(SafeText.Clean("a" + (char)0xd800), Is.EqualTo("a\ufffd"));
}
