using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class NumberFormatTests
{
    [TestCase('.', ',', "1,234,567.89", 1234567.89)]
    [TestCase('.', ',', "12,34,567.5", 1234567.5, Description = "Indian groups")]
    [TestCase('.', ',', "-1,234", -1234)]
    [TestCase('.', ',', "123", 123)]
    [TestCase(',', '.', "1.234.567,89", 1234567.89)]
    [TestCase(',', null, "1234,5", 1234.5)]
    [TestCase(',', null, "1,5E+3", 1500)]
    [TestCase(',', ' ', "1\u202F234\u00A0567,5", 1234567.5, Description = "every kind of space")]
    [TestCase('.', '\'', "1'234\u2019567.5", 1234567.5)]
    [TestCase('.', null, "1.5e-3", 0.0015)]
    [TestCase('.', null, " 1.5 ", 1.5)]
    public void Parse_WrittenLikeTheFormat_IsRead(char point, char? thousands, string text, double expected) =>
        Assert.That((new NumberFormat(point, thousands).Parse(text, out var number), number), Is.EqualTo((default(string), expected)));

    [TestCase('.', ',', "12,34", "that does not separate thousands")]
    [TestCase('.', ',', "1,2345", "that does not separate thousands")]
    [TestCase('.', ',', "1234,567", "that does not separate thousands")]
    [TestCase('.', ',', ",123", "that does not separate thousands")]
    [TestCase('.', ',', "1,23,45", "that does not separate thousands")]
    [TestCase('.', ',', "1.234,567", "has a comma; set \"decimal\"")]
    [TestCase(',', null, "12.34", "has a point; set \"decimal\": \".\"")]
    [TestCase(',', null, "1,2,3", "has more than one comma")]
    [TestCase('.', null, "1.234.567", "has more than one point")]
    public void Parse_WrittenOtherwise_NamesTheOptions(char point, char? thousands, string text, string expected) =>
        Assert.That(new NumberFormat(point, thousands).Parse(text, out _), Does.Contain(expected));

    [TestCase("many")]
    [TestCase("")]
    [TestCase("Infinity")]
    public void Parse_NoFiniteNumber_IsLeftToTheValidation(string text)
    {
        Assert.That(NumberFormat.Invariant.Parse(text, out var number), Is.Null);
        Assert.That(double.IsFinite(number), Is.False);
    }
}
