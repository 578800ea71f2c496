using System.Globalization;
using CsCheck;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class WholeNumberTests
{
    [TestCase("12345.0", "12345")]
    [TestCase("12345,00", "12345")]
    [TestCase("007.0", "007")]
    [TestCase("1.2345E7", "12345000", Description = "as Java writes it")]
    [TestCase("1.234500000000000000e+07", "12345000", Description = "as NumPy writes it")]
    [TestCase("1.52254083125E12", "1522540831250")]
    [TestCase("1.5E0", "1.5E0", Description = "no whole number")]
    [TestCase("1.5", "1.5")]
    [TestCase("1.2.0", "1.2.0")]
    [TestCase("4e15", "4e15", Description = "a hexadecimal token")]
    [TestCase("card-1.0", "card-1.0")]
    [TestCase("", "")]
    public void TryNormalize_Text_IsOneFormOfANumber(string text, string expected)
    {
        Assert.That(WholeNumber.TryNormalize(ref text), Is.True);
        Assert.That(text, Is.EqualTo(expected));
    }

    [TestCase("1.23E+05")]
    [TestCase("1.52254E+12")]
    [TestCase("1E+16")]
    [TestCase("1.2345678901234567E18")]
    public void TryNormalize_LostDigits_IsRefused(string text) => Assert.That(WholeNumber.TryNormalize(ref text), Is.False);

    [Test]
    public void TryNormalize_IntegerAsDoubleInAnyNotation_IsTheInteger() => Gen.Long[0, 999_999_999_999_999].Sample(number =>
    {
        var invariant = CultureInfo.InvariantCulture;
        var plain = number.ToString(invariant);
        string[] spelled = [plain, plain + ".0", ((double)number).ToString("R", invariant), ((double)number).ToString("E18", invariant)];
        return spelled.All(text => WholeNumber.TryNormalize(ref text) && text == plain);
    });
}
