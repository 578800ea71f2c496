using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Payments;

public sealed class CountryTests
{
    [TestCase("DE", true)]
    [TestCase("US", true)]
    [TestCase("XK", true)]
    [TestCase("SS", true)]
    [TestCase("de", false)]
    [TestCase("UK", false)]
    [TestCase("EU", false)]
    [TestCase("AN", false)]
    [TestCase("SU", false)]
    [TestCase("DEU", false)]
    [TestCase("", false)]
    public void Exists_Code_IsAssignedOrNot(string code, bool expected) => Assert.That(Country.Exists(code), Is.EqualTo(expected));

    /// <summary>The 249 codes of ISO 3166-1, and XK.</summary>
    [Test]
    public void Exists_AllTwoLetterCodes_FindsAsManyAsThereAre() => Assert.That(
        Enumerable.Range(0, 676).Count(i => Country.Exists(new string([(char)('A' + (i / 26)), (char)('A' + (i % 26))]))), Is.EqualTo(250));
}
