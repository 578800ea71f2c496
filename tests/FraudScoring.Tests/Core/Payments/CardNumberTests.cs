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
    public void Matches_KnownTestNumber_IsTrue(string text) => Assert.That(CardNumber.Matches(text), Is.True);

    [TestCase("4111111111111112")]
    [TestCase("1411111111111111")]
    [TestCase("tok_4111111111111111")]
    [TestCase("4111111111111111x")]
    [TestCase("4111.1111.1111.1111")]
    [TestCase("")]
    [TestCase("    -    ")]
    [TestCase("４１１１１１１１１１１１１１１１")]
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
                Assert.That(CardNumber.Matches(number), Is.EqualTo(length is >= 13 and <= 19), number);
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

    /// <summary>A different implementation: from left to right, with a table.</summary>
    private static string WithCheckDigit(int[] digits)
    {
        int[] doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        var sum = digits.Select((d, i) => (digits.Length - i) % 2 == 1 ? doubled[d] : d).Sum();
        return string.Concat(digits) + ((10 - (sum % 10)) % 10);
    }
}
