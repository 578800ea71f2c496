using System.Globalization;
using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Payments;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class AmountReaderTests
{
    private static readonly AmountSource Exact = new(0);

    [TestCase("12.34", "EUR", "12.34")]
    [TestCase("12", "EUR", "12.00")]
    [TestCase("12.", "EUR", "12.00")]
    [TestCase(".5", "EUR", "0.50")]
    [TestCase("12.340000000000000000", "EUR", "12.34")]
    [TestCase("12.34000000000000000000000000000000000000", "EUR", "12.34")]
    [TestCase("1200.00", "JPY", "1200")]
    [TestCase("1.2345", "CLF", "1.2345")]
    [TestCase("$12.34", "USD", "12.34")]
    [TestCase("$.50", "USD", "0.50")]
    [TestCase("$ 12.34", "CAD", "12.34")]
    [TestCase("12.34 €", "EUR", "12.34")]
    [TestCase("12.34\u00A0€", "EUR", "12.34")]
    [TestCase("EUR 12.34", "EUR", "12.34")]
    [TestCase("12.34eur", "EUR", "12.34")]
    [TestCase("US$12", "USD", "12.00")]
    [TestCase("Rs.500", "INR", "500.00")]
    [TestCase("500 kr.", "SEK", "500.00")]
    [TestCase("₹500", "INR", "500.00")]
    [TestCase("zł 5", "PLN", "5.00")]
    [TestCase("+5", "EUR", "5.00")]
    [TestCase("-0.00", "EUR", "0.00")]
    [TestCase("", "EUR", "")]
    public void Parse_ExactAmount_HasTheCurrencysDecimals(string text, string code, string expected)
    {
        var problem = new AmountReader(Exact, NumberFormat.Invariant).Parse(text, code, out var amount, out var isRefund);
        Assert.That((problem, amount, isRefund), Is.EqualTo((default(string), expected, false)));
    }

    [TestCase("12.345", "EUR", "has more decimals than EUR allows (2); set \"round\": true")]
    [TestCase("12.3400000000000000000000000000000000001", "EUR", "has more decimals than EUR")]
    [TestCase("0.5", "JPY", "has more decimals than JPY allows (0)")]
    [TestCase("12,34", "EUR", "has a comma; set \"decimal\": \",\" in the mapping if it precedes decimals, or \"thousands\": \",\"")]
    [TestCase("1.234,56", "EUR", "has a comma; set \"decimal\"")]
    [TestCase("1.234.567,89", "EUR", "set \"thousands\"")]
    [TestCase("1'000.00", "EUR", "has an apostrophe between digits; set \"thousands\"")]
    [TestCase("1 000.00", "EUR", "has a space between digits; set \"thousands\"")]
    [TestCase("$12.34", "EUR", "is written in USD ($), but the currency is EUR")]
    [TestCase("12.34 USD", "EUR", "is written in USD (USD), but the currency is EUR")]
    [TestCase("£5", "JPY", "is written in GBP (£), but the currency is JPY")]
    [TestCase("1.23E+5", "EUR", "is in scientific notation, which may have lost digits")]
    [TestCase("99999999999999", "EUR", "exceeds the largest accepted amount")]
    [TestCase("1e99999", "EUR", "is in scientific notation")]
    [TestCase("--5", "EUR", "has more than one sign")]
    [TestCase("(-5)", "EUR", "has more than one sign")]
    [TestCase("5 5", "EUR", "has a space between digits")]
    [TestCase("5CR", "EUR", "is not a plain decimal number")]
    [TestCase("0x5", "EUR", "is not a plain decimal number")]
    [TestCase("-", "EUR", "is not a plain decimal number")]
    [TestCase("$", "USD", "is not a plain decimal number")]
    [TestCase("()", "EUR", "is not a plain decimal number")]
    [TestCase("five", "EUR", "is not a plain decimal number")]
    public void Parse_OtherText_SaysWhy(string text, string code, string expected) =>
        Assert.That(new AmountReader(Exact, NumberFormat.Invariant).Parse(text, code, out _, out _), Does.Contain(expected));

    [TestCase("-5", true, false)]
    [TestCase("\u22125", true, false)]
    [TestCase("5-", true, false)]
    [TestCase("(5.00)", true, false)]
    [TestCase("($5.00)", true, false)]
    [TestCase("-$5.00", true, false)]
    [TestCase("$-5.00", true, false)]
    [TestCase("5", false, true)]
    [TestCase("0", false, false)]
    public void Parse_Sign_TellsRefundsFromPayments(string text, bool isRefund, bool isRefundOfStatement)
    {
        new AmountReader(Exact, NumberFormat.Invariant).Parse(text, "USD", out var amount, out var actual);
        new AmountReader(Exact with { NegativeIsPayment = true }, NumberFormat.Invariant).Parse(text, "USD", out _, out var ofStatement);
        Assert.That((actual, ofStatement), Is.EqualTo((isRefund, isRefundOfStatement)));
        Assert.That(amount, Is.EqualTo(text == "0" ? "0.00" : "5.00"));
    }

    [TestCase("1234", "EUR", "12.34")]
    [TestCase("1234.0", "JPY", "1234")]
    [TestCase("5", "KWD", "0.005")]
    public void Parse_MinorUnits_AreOfTheCurrency(string text, string code, string expected)
    {
        var reader = new AmountReader(Exact with { MinorUnits = true }, NumberFormat.Invariant);
        Assert.That((reader.Parse(text, code, out var amount, out _), amount), Is.EqualTo((default(string), expected)));
        Assert.That(reader.Parse("0.5", code, out _, out _), Does.StartWith("is not a whole number of minor units"));
    }

    /// <summary>Any amount, written in any of the formats, is read exactly, or not at all by a reader of another format.</summary>
    [Test]
    public void Parse_AnyFormat_IsReadExactlyOrRefused()
    {
        char?[] groups = [null, '.', ',', ' ', '\u00A0', '\''];
        var formats = (from point in new[] { '.', ',' } from separator in groups where separator != point
                       select new NumberFormat(point, separator)).ToArray();
        var codes = CurrencyTests.Codes().ToArray();
        Gen.Select(Gen.Long[0, DecimalAmount.MaxMinor], Gen.Int[0, codes.Length - 1], Gen.Int[0, formats.Length - 1], Gen.Int[0, 3]).Sample(
            (minor, at, format, zeros) =>
            {
                var currency = CurrencyTests.Get(codes[at]);
                var expected = DecimalAmount.Format(minor, currency);
                var text = Written(expected, formats[format], zeros);
                foreach (var other in formats)
                {
                    var problem = new AmountReader(Exact, other).Parse(text, currency.Code, out var amount, out _);
                    var isSame = problem is null && amount == expected;
                    // A single separator before three digits is the only text that two formats read differently.
                    if (!isSame && (other == formats[format] || (problem is null && !IsAmbiguous(text))))
                    {
                        return false;
                    }
                }
                return true;
            }, iter: 5_000);
    }

    private static bool IsAmbiguous(string text) =>
        text.Count(c => !char.IsAsciiDigit(c)) == 1 && text.Length - text.IndexOfAny(['.', ',']) == 4;

    private static string Written(string plain, NumberFormat format, int zeros)
    {
        var (whole, fraction) = plain.Split('.') is [var first, var second] ? (first, second) : (plain, "");
        if (format.Thousands is { } separator)
        {
            whole = decimal.Parse(whole, CultureInfo.InvariantCulture).ToString("#,0", CultureInfo.InvariantCulture).Replace(',', separator);
        }
        fraction += new string('0', zeros);
        return fraction.Length == 0 ? whole : whole + format.Decimal + fraction;
    }
}
