using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Payments;

public sealed class CurrencyTests
{
    [TestCase("EUR", 2, 100)]
    [TestCase("USD", 2, 100)]
    [TestCase("JPY", 0, 1)]
    [TestCase("KRW", 0, 1)]
    [TestCase("ISK", 0, 1)]
    [TestCase("KWD", 3, 1_000)]
    [TestCase("TND", 3, 1_000)]
    [TestCase("CLF", 4, 10_000)]
    [TestCase("VES", 2, 100)]
    [TestCase("VED", 2, 100)]
    [TestCase("XCG", 2, 100)]
    [TestCase("ZWG", 2, 100)]
    [TestCase("SLE", 2, 100)]
    [TestCase("XAD", 2, 100)]
    [TestCase("ANG", 2, 100)]
    [TestCase("HRK", 2, 100)]
    [TestCase("BGN", 2, 100)]
    [TestCase("BYR", 0, 1)]
    public void TryGet_KnownCode_HasItsDigits(string code, int digits, int perUnit)
    {
        var currency = Get(code);
        Assert.That((currency.Code, currency.Digits, currency.MinorPerUnit), Is.EqualTo((code, digits, perUnit)));
    }

    [TestCase("")]
    [TestCase("eur")]
    [TestCase("EU")]
    [TestCase("EURO")]
    [TestCase("EUR ")]
    [TestCase("XXX")]
    [TestCase("XTS")]
    [TestCase("XAU")]
    [TestCase("XDR")]
    [TestCase("CNH")]
    [TestCase("DEM")]
    [TestCase("978")]
    public void TryGet_OtherText_IsRefused(string code) => Assert.That(Currency.TryGet(code, out _), Is.False);

    [Test]
    public void TryGet_AllThreeLetterCodes_FindsTheActiveAndThoseWithdrawnSince2016() =>
        Assert.That(Codes().Count(), Is.EqualTo(165 + 10));

    [TestCase("DEM", "withdrawn before 2016")]
    [TestCase("TRL", "withdrawn before 2016")]
    [TestCase("XXX", "is not an ISO 4217 currency code")]
    [TestCase("eur", "is not an ISO 4217 currency code")]
    public void WhyUnknown_OtherText_TellsWithdrawnCodesApart(string code, string expected) =>
        Assert.That(Currency.WhyUnknown(code), Does.Contain(expected));

    [Test]
    public void WhyUnknown_KnownCode_IsNotCalledWithdrawn() =>
        Assert.That(Codes().Where(code => Currency.WhyUnknown(code).Contains("withdrawn", StringComparison.Ordinal)), Is.Empty);

    internal static Currency Get(string code) => Currency.TryGet(code, out var currency) ? currency : throw new ArgumentException(code);

    internal static IEnumerable<string> Codes() => ThreeLetters().Where(code => Currency.TryGet(code, out _));

    private static IEnumerable<string> ThreeLetters()
    {
        for (var i = 0; i < 26 * 26 * 26; i++)
        {
            yield return new string([(char)('A' + (i / 676)), (char)('A' + (i / 26 % 26)), (char)('A' + (i % 26))]);
        }
    }
}
