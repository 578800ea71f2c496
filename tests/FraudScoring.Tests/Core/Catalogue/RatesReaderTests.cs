using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Core.Payments;

namespace FraudScoring.Tests.Core.Catalogue;

public sealed class RatesReaderTests
{
    private const string Valid = """
        "USD": {"2026-02-01": 0.25, "2026-01-01": 0.5}, "JPY": {"2026-01-01": 0.01}, "KWD": {"2026-01-01": 3}
        """;

    [TestCase("EUR", 1234, 1234)]
    [TestCase("USD", 1001, 501)]
    [TestCase("USD", 999, 500)]
    [TestCase("JPY", 1234, 1234)]
    [TestCase("KWD", 1000, 300)]
    [TestCase("KWD", 1, 0)]
    [TestCase("EUR", 1_000_000_000_000, 1_000_000_000_000)]
    [TestCase("KWD", 1_000_000_000_000, 300_000_000_000)]
    [TestCase("XCG", 100, DecimalAmount.Unknown)]
    public void Convert_Currency_RoundsHalfUpInIntegers(string code, long minor, long expected) =>
        Assert.That(Convert(code, minor, "2026-01-15"), Is.EqualTo(expected));

    [TestCase("2025-12-31T23:59:59.999Z", DecimalAmount.Unknown)]
    [TestCase("2026-01-01T00:00:00Z", 500)]
    [TestCase("2026-01-31T23:59:59.999Z", 500)]
    [TestCase("2026-02-01T00:00:00Z", 250)]
    [TestCase("2030-01-01T00:00:00Z", 250)]
    public void Convert_DatedRates_UseTheEventTime(string time, long expected) =>
        Assert.That(Convert("USD", 1_000, time), Is.EqualTo(expected));

    [Test]
    public void Convert_AbsurdRate_StaysWithinTheLargestAmount() => Assert.That(
        Convert("JPY", 1_000_000_000_000, "2026-01-15", Valid.Replace("0.01", "1e6", StringComparison.Ordinal)),
        Is.EqualTo(DecimalAmount.MaxMinor));

    [TestCase("\"XXX\": {\"2026-01-01\": 2}", "$.rates.XXX: is not an ISO 4217 currency code")]
    [TestCase("\"USD\": {\"2026-01-01\": 0}", "$.rates.USD.2026-01-01: must be a number from")]
    [TestCase("\"USD\": {\"2026-01-01\": -1}", "$.rates.USD.2026-01-01: must be a number from")]
    [TestCase("\"USD\": {\"2026-01-01\": \"0.9\"}", "$.rates.USD.2026-01-01: must be a number from")]
    [TestCase("\"USD\": {\"2026-01-01\": 1e300}", "$.rates.USD.2026-01-01: must be a number from")]
    [TestCase("\"USD\": {\"2026-02-30\": 1}", "$.rates.USD.2026-02-30: must be named for the first day it holds")]
    [TestCase("\"USD\": {\"2026-01-01\": 1, \"2026-01-01\": 2}", "$.rates.USD.2026-01-01: appears more than once")]
    [TestCase("\"USD\": {}", "$.rates.USD: must be an object of at least one day")]
    [TestCase("\"USD\": 0.9", "$.rates.USD: must be an object of at least one day")]
    [TestCase("\"EUR\": {\"2026-01-01\": 1}", "$.rates.EUR: is the reference currency, whose rate is always 1; remove it")]
    [TestCase("\"UYW\": {\"2026-01-01\": 1e-6}", "$.rates.UYW.2026-01-01: is too small or too large")]
    public void Parse_BadRate_NamesItAndAllOthers(string rates, string expected)
    {
        var faults = FaultsOf($$"""{"reference_currency": "EUR", "rates": { {{rates}}, "ABC": {"2026-01-01": 1} }, "more": 1}""");
        Assert.That(faults, Has.Some.StartsWith(expected));
        Assert.That(faults, Has.Some.StartsWith("$.rates.ABC: is not an ISO 4217 currency code").And.Some.StartsWith("$.more: is unknown"));
    }

    [TestCase("""{"reference_currency": "XXX", "rates": {}}""", "$.reference_currency: is not an ISO 4217 currency code")]
    [TestCase("""{"reference_currency": "USD", "rates": {}}""", "$.reference_currency: must be EUR, the reference currency of")]
    [TestCase("""{"rates": {}}""", "$.reference_currency: must be a string")]
    [TestCase("""{"reference_currency": "EUR"}""", "$.rates: must be an object")]
    [TestCase("[]", "$: must be an object")]
    [TestCase("{", "$: is not valid JSON")]
    public void Parse_BadFile_NamesTheFault(string json, string expected) => Assert.That(FaultsOf(json), Has.Some.StartsWith(expected));

    [Test]
    public void Parse_NoRates_ConvertsTheReferenceCurrencyAlone() =>
        Assert.That((Convert("EUR", 5, "2026-01-01", ""), Convert("USD", 5, "2026-01-01", "")), Is.EqualTo((5, DecimalAmount.Unknown)));

    [TestCase("EUR", "2020-01-01", true)]
    [TestCase("USD", "2025-12-31", false)]
    [TestCase("USD", "2026-01-01", true)]
    [TestCase("XCG", "2026-01-01", false)]
    [TestCase("", "2026-01-01", false)]
    public void HasRate_Currency_IsThatOfConvert(string code, string day, bool expected) => Assert.That(
        TestCatalogues.Rates(Encoding.UTF8.GetBytes($$"""{"reference_currency": "EUR", "rates": { {{Valid}} } }""")).HasRate(
            code, new DateTimeOffset(DateTime.Parse(day, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero)
                .ToUnixTimeMilliseconds()),
        Is.EqualTo(expected));

    private static long Convert(string code, long minor, string time, string rates = Valid) => TestCatalogues
        .Rates(Encoding.UTF8.GetBytes($$"""{"reference_currency": "EUR", "rates": { {{rates}} } }""")).Convert(new Payment
        {
            TransactionId = "t", Card = "c", Merchant = "m", Channel = Channel.Atm, AmountMinor = minor, Currency = CurrencyTests.Get(code),
            EventTimeMs = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture,
                System.Globalization.DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds(),
        });

    private static List<string> FaultsOf(string json)
    {
        var faults = new Faults();
        Assert.That(RatesReader.Parse(Encoding.UTF8.GetBytes(json), CurrencyTests.Get("EUR"), faults), Is.Null);
        return [.. faults.Select(fault => fault.ToString())];
    }
}
