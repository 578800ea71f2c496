using System.Globalization;
using CsCheck;
using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Payments;

public sealed class DecimalAmountTests
{
    private static readonly Currency[] Currencies = [.. CurrencyTests.Codes().Select(CurrencyTests.Get)];

    [Test]
    public void Parse_WhatFormatWrote_GivesItBackInEveryCurrency()
    {
        var random = new Random(1);
        foreach (var currency in Currencies)
        {
            for (var i = 0; i < 200; i++)
            {
                var minor = i switch { 0 => 0, 1 => DecimalAmount.MaxMinor, 2 => 1, _ => (long)Math.Pow(10, random.NextDouble() * 12) };
                var text = DecimalAmount.Format(minor, currency);
                Assert.That(DecimalAmount.Parse(text, currency, out var read), Is.Null, text);
                Assert.That(read, Is.EqualTo(minor), text);
            }
        }
    }

    [Test]
    public void Parse_AnyDecimal_AgreesWithTheFrameworksDecimal()
    {
        var random = new Random(2);
        for (var i = 0; i < 5_000; i++)
        {
            var currency = Currencies[random.Next(Currencies.Length)];
            var decimals = random.Next(currency.Digits + 1);
            var text = random.NextInt64((long)Math.Pow(10, random.Next(1, 9))).ToString(CultureInfo.InvariantCulture)
                + (decimals == 0 ? "" : "." + string.Concat(Enumerable.Range(0, decimals).Select(_ => random.Next(10))));
            Assert.That(DecimalAmount.Parse(text, currency, out var minor), Is.Null, text);
            Assert.That((decimal)minor, Is.EqualTo(decimal.Parse(text, CultureInfo.InvariantCulture) * currency.MinorPerUnit), text);
        }
    }

    [TestCase("", "is required")]
    [TestCase("-1", "is negative")]
    [TestCase("-", "is negative")]
    [TestCase("-0.00", "is negative")]
    [TestCase("+1", "plain decimal")]
    [TestCase(" 1", "plain decimal")]
    [TestCase("1 ", "plain decimal")]
    [TestCase("1,5", "plain decimal")]
    [TestCase("1,000.00", "plain decimal")]
    [TestCase("1e3", "plain decimal")]
    [TestCase("0x10", "plain decimal")]
    [TestCase("NaN", "plain decimal")]
    [TestCase("Infinity", "plain decimal")]
    [TestCase("∞", "plain decimal")]
    [TestCase("１２", "plain decimal")]
    [TestCase("٣", "plain decimal")]
    [TestCase(".", "plain decimal")]
    [TestCase(".5", "plain decimal")]
    [TestCase("5.", "plain decimal")]
    [TestCase("1.2.3", "plain decimal")]
    [TestCase("1..2", "plain decimal")]
    [TestCase("12 EUR", "plain decimal")]
    [TestCase("1\0", "plain decimal")]
    [TestCase("1.234", "has more decimals than EUR allows (2)")]
    [TestCase("1.000", "has more decimals than EUR allows (2)")]
    [TestCase("10000000000.01", "exceeds the largest accepted amount")]
    [TestCase("99999999999999999999999999999999999999", "exceeds the largest accepted amount")]
    [TestCase("18446744073709551617", "exceeds the largest accepted amount")]
    public void Parse_BadText_SaysWhatIsWrong(string text, string expected) =>
        Assert.That(DecimalAmount.Parse(text, CurrencyTests.Get("EUR"), out _), Does.Contain(expected));

    [TestCase("JPY", "1200", 1_200)]
    [TestCase("JPY", "1000000000000", 1_000_000_000_000)]
    [TestCase("EUR", "0", 0)]
    [TestCase("EUR", "0.1", 10)]
    [TestCase("EUR", "007.50", 750)]
    [TestCase("EUR", "10000000000", 1_000_000_000_000)]
    [TestCase("KWD", "1.5", 1_500)]
    [TestCase("UYW", "1.2345", 12_345)]
    public void Parse_GoodText_GivesMinorUnits(string code, string text, long expected)
    {
        Assert.That(DecimalAmount.Parse(text, CurrencyTests.Get(code), out var minor), Is.Null);
        Assert.That(minor, Is.EqualTo(expected));
    }

    [TestCase("JPY", "1.0")]
    [TestCase("KWD", "1.2345")]
    [TestCase("UYW", "1.23456")]
    public void Parse_MoreDecimalsThanTheCurrencyHas_IsRefused(string code, string text) =>
        Assert.That(DecimalAmount.Parse(text, CurrencyTests.Get(code), out _), Does.StartWith("has more decimals"));

    [Test]
    public void Parse_AnyText_NeverThrowsAndStaysWithinTheLimit() =>
        Gen.Select(Gen.Char["0123456789..-+eE ,x１"].Array[0, 24], Gen.OneOf(Currencies)).Sample((text, currency) =>
            DecimalAmount.Parse(new string(text), currency, out var minor) is not null || minor is >= 0 and <= DecimalAmount.MaxMinor,
            iter: 20_000);
}
