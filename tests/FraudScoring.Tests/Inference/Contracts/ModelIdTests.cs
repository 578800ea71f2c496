using FraudScoring.Inference.Contracts;

namespace FraudScoring.Tests.Inference.Contracts;

public sealed class ModelIdTests
{
    [TestCase("payments")]
    [TestCase("1")]
    [TestCase("2026.11-rc_1")]
    [TestCase("A.b-c_d")]
    public void IsValidName_LettersDigitsDotsUnderscoresHyphens_Is(string name) => Assert.That(ModelId.IsValidName(name), Is.True);

    [TestCase(null)]
    [TestCase("")]
    [TestCase(".hidden")]
    [TestCase("..")]
    [TestCase("-1")]
    [TestCase("_1")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("zahlungen-für-karten")]
    [TestCase("1\n")]
    public void IsValidName_AnythingElse_IsNot(string? name) => Assert.That(ModelId.IsValidName(name), Is.False);

    [Test]
    public void IsValidName_UpTo64Characters() =>
        Assert.That((ModelId.IsValidName(new string('a', 64)), ModelId.IsValidName(new string('a', 65))), Is.EqualTo((true, false)));

    [Test]
    public void IsValid_OfBoth() => Assert.That(
        (new ModelId("payments", "1").IsValid, new ModelId("payments").IsValid, new ModelId("", "1").IsValid,
            $"{new ModelId("payments", "1")}"),
        Is.EqualTo((true, false, false, "payments 1")));
}
