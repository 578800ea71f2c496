using System.Globalization;
using CsCheck;
using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Payments;

public sealed class CardNumberTests
{
    /// <summary>Test numbers published by card schemes and payment providers.</summary>
    [TestCase("4111111111111111")]
    [TestCase("4012888888881881")]
    [TestCase("4222222222222")]
    [TestCase("5555555555554444")]
    [TestCase("2223003122003222")]
    [TestCase("378282246310005")]
    [TestCase("6011111111111117")]
    [TestCase("30569309025904")]
    [TestCase("3530111333300000")]
    [TestCase("6304000000000000")]
    [TestCase("6759649826438453")]
    [TestCase("4111 1111 1111 1111")]
    [TestCase("4111-1111-1111-1111")]
    [TestCase(" 4111-1111 11111111 ")]
    [TestCase("4000000000000000006")]
    [TestCase("630423337322", Description = "twelve digits: Maestro")]
    [TestCase("4111111111111111.0")]
    [TestCase("4111111111111111,000")]
    [TestCase("4111111111111111.")]
    [TestCase("4111111100000000.0", Description = "a 32-bit floating-point number")]
    [TestCase("4111111111111111.000000000000000000")]
    [TestCase("4.111111111111111e15")]
    [TestCase("4.111111111111111000E+15")]
    [TestCase("4111111111111111E+0")]
    [TestCase("4.11111E+15")]
    [TestCase("4,11111E+15")]
    [TestCase("4.11111111111111E15")]
    [TestCase("4E+15")]
    [TestCase("4111.1111.1111.1111")]
    [TestCase("4,111,111,111,111,111")]
    [TestCase("4,111,111,111,111,111.00")]
    [TestCase("4.111.111.111.111.111,00")]
    [TestCase("4'111'111'111'111'111")]
    [TestCase("4,11,11,11,11,11,11,111")]
    [TestCase("3782.822463.10005")]
    [TestCase("4111\u00A01111\u202F1111\u20091111")]
    [TestCase("4111\u20111111\u20131111\u22121111")]
    [TestCase("\u200B4111111111111111\uFEFF")]
    [TestCase("'4111111111111111")]
    [TestCase("=\"4111111111111111\"")]
    [TestCase("\u2019411111111\u00AD1111111")]
    [TestCase("４１１１１１１１１１１１１１１１")]
    [TestCase("４，１１１，１１１，１１１，１１１，１１１")]
    [TestCase("٤١١١١١١١١١١١١١١١")]
    [TestCase("٤١١١١١١١١١١١١١١١\u066B٠")]
    [TestCase("४१११ ११११ ११११ ११११")]
    public void Matches_KnownTestNumber_IsTrue(string text) => Assert.That(CardNumber.Matches(text), Is.True);

    [TestCase("4111111111111112")]
    [TestCase("1411111111111111")]
    [TestCase("tok_4111111111111111")]
    [TestCase("4111111111111111x")]
    [TestCase("4111111111111111.1")]
    [TestCase("4111111100000000")]
    [TestCase("1522540000000.0")]
    [TestCase("4111111111111112.0")]
    [TestCase("4.111111111111112E+15")]
    [TestCase("4.11111E-15")]
    [TestCase("4.1111E\u221215")]
    [TestCase("4.1E+10")]
    [TestCase("4.1E+19")]
    [TestCase("1.52254083E+12", Description = "milliseconds since 1970")]
    [TestCase("0.411111E+15")]
    [TestCase("4e15", Description = "a hexadecimal token")]
    [TestCase("4111111111111e3")]
    [TestCase("285.79999999999995")]
    [TestCase("52.52000660000004")]
    [TestCase("1.3.6.1.4.1.311.21.20")]
    [TestCase("192.168.100.200")]
    [TestCase("41.11111111111111")]
    [TestCase("4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1")]
    [TestCase("411111111111111111111111.0")]
    [TestCase("571050841287x")]
    [TestCase("4111:1111:1111:1111")]
    [TestCase("4111****1111")]
    [TestCase("\ud83d")]
    [TestCase("")]
    [TestCase("    -    ")]
    [TestCase("12345")]
    public void Matches_NoCardNumber_IsFalse(string text) => Assert.That(CardNumber.Matches(text), Is.False);

    [Test]
    public void Matches_AnyLength_OnlyThirteenToNineteenDigitsCount()
    {
        var random = new Random(1);
        for (var length = 1; length <= 30; length++)
        {
            for (var i = 0; i < 50; i++)
            {
                var number = WithCheckDigit([.. Enumerable.Range(0, length - 1).Select(_ => random.Next(10))]);
                var isMaestro = length == 12 && (number[0] == '6' || (number[0] == '5' && "0678".Contains(number[1])));
                Assert.That(CardNumber.Matches(number), Is.EqualTo(length is >= 13 and <= 19 || isMaestro), number);
            }
        }
    }

    /// <summary>Luhn detects every single wrong digit, and every swap of neighbours except 09 and 90.</summary>
    [Test]
    public void Matches_OneDigitWrongOrTwoSwapped_IsFalse()
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var digits = WithCheckDigit([.. Enumerable.Range(0, random.Next(12, 19)).Select(_ => random.Next(10))]).ToCharArray();
            var at = random.Next(digits.Length - 1);
            var (first, second) = (digits[at], digits[at + 1]);
            digits[at] = (char)('0' + ((first - '0' + random.Next(1, 10)) % 10));
            Assert.That(CardNumber.Matches(digits), Is.False);
            (digits[at], digits[at + 1]) = (second, first);
            var unseen = first == second || (first, second) is ('0', '9') or ('9', '0');
            Assert.That(CardNumber.Matches(digits), Is.EqualTo(unseen), new string(digits));
        }
    }

    // Not with zeros at the end, which stand for lost digits in floating-point spellings.
    private static readonly Gen<string> Numbers = Gen.Select(Gen.Int[2, 9], Gen.Int[0, 9].Array[11, 17])
        .Select((first, rest) => WithCheckDigit([first, .. rest])).Where(number => !number.EndsWith("000000", StringComparison.Ordinal));

    [Test]
    public void DigitsOf_AnyExactSpelling_AreTheSame() => Gen.Select(Numbers, Gen.Int[0, 9], Gen.Int[1, 4]).Sample((number, style, zeros) =>
    {
        var spelled = style switch
        {
            0 => number + "." + new string('0', zeros),
            1 => Grouped(number, 3, ',', fromEnd: true) + (zeros > 2 ? ".00" : ""),
            2 => Grouped(number, 4, ' ', fromEnd: false),
            3 => Grouped(number, 4, '-', fromEnd: false),
            4 => $"{number[0]}.{number[1..]}E+{number.Length - 1}",
            5 => $"{number[0]},{number[1..]}{new string('0', zeros)}e{number.Length - 1:00}",
            6 => string.Concat(number.Select(c => (char)(c - '0' + '０'))),
            7 => string.Concat(number.Select(c => (char)(c - '0' + '٠'))),
            8 => "'" + number,
            _ => Grouped(number, 4, '\u00A0', fromEnd: false),
        };
        return CardNumber.DigitsOf(spelled, out var isRounded) == number && !isRounded && CardNumber.Matches(spelled);
    }, iter: 20_000);

    [Test]
    public void DigitsOf_ScientificWithFewerDigits_AreRounded() => Gen.Select(Numbers, Gen.Int[0, 8]).Sample((number, kept) =>
    {
        var spelled = $"{number[0]}.{number[1..(1 + kept)]}E+{number.Length - 1}";
        return CardNumber.DigitsOf(spelled, out var isRounded) == number[..(1 + kept)] && isRounded;
    });

    /// <summary>Nothing that holds a letter, a colon or a second separator is a number, whatever its digits are.</summary>
    [Test]
    public void Matches_OtherIdentifiers_IsFalse()
    {
        var hex = Gen.Char["0123456789abcdef"].Array[16, 64].Select(c => new string(c)).Where(text => text.Any(char.IsAsciiLetter));
        var guid = Gen.Guid.Select(id => id.ToString());
        var time = Gen.Date[new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2060, 1, 1, 0, 0, 0, DateTimeKind.Utc)]
            .Select(day => day.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        var iban = Gen.Select(Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZ"].Array[2], Gen.Char["0123456789"].Array[18, 24])
            .Select((country, digits) => new string([.. country, .. digits]));
        var token = Numbers.Select(number => "tok_" + number);
        var fraction = Gen.Double[0.0001, 1e6].Select(value => value.ToString("R", CultureInfo.InvariantCulture))
            .Where(text => text.Contains('.', StringComparison.Ordinal) && !text.EndsWith(".0", StringComparison.Ordinal));
        var address = Gen.Byte.Array[4].Select(bytes => string.Join('.', bytes));
        Gen.OneOf(hex, guid, time, iban, token, fraction, address).Sample(text => !CardNumber.Matches(text), iter: 50_000);
    }

    [TestCase(4111111111111111, true)]
    [TestCase(378282246310005, true)]
    [TestCase(4111111111111112, false)]
    [TestCase(4111111111111111.5, false)]
    [TestCase(-4111111111111111, false)]
    [TestCase(1522540831002, false, Description = "milliseconds since 1970 that pass the Luhn check")]
    [TestCase(4e18, false)]
    [TestCase(5000.0, false)]
    [TestCase(double.NaN, false)]
    [TestCase(double.PositiveInfinity, false)]
    public void Matches_Number_NeedsAllDigits(double number, bool expected) => Assert.That(CardNumber.Matches(number), Is.EqualTo(expected));

    private static string Grouped(string digits, int size, char separator, bool fromEnd)
    {
        var first = fromEnd && digits.Length % size > 0 ? digits.Length % size : Math.Min(size, digits.Length);
        return string.Join(separator, new[] { digits[..first] }.Concat(digits[first..].Chunk(size).Select(group => new string(group))));
    }

    /// <summary>A different implementation: from left to right, with a table.</summary>
    private static string WithCheckDigit(int[] digits)
    {
        int[] doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        var sum = digits.Select((d, i) => (digits.Length - i) % 2 == 1 ? doubled[d] : d).Sum();
        return string.Concat(digits) + ((10 - (sum % 10)) % 10);
    }
}
