using System.Diagnostics.CodeAnalysis;
using CsCheck;
using FraudScoring.Core.Expressions;
using static FraudScoring.Tests.Core.Expressions.TestScope;

namespace FraudScoring.Tests.Core.Expressions;

public sealed class ExpressionFaultTests
{
    // Characters and literals
    [TestCase("x = 1", "at character 3: = is not an operator; use == to compare")]
    [TestCase("p & q", "at character 3: & is not an operator; use &&")]
    [TestCase("p | q", "at character 3: | is not an operator; use ||")]
    [TestCase("a == \u201catm\u201d", "at character 6: texts are written in straight quotes")]
    [TestCase("{}", "at character 1: objects are not supported")]
    [TestCase("Betr\u00e4ge > 1", "at character 5: this character has no meaning here")]
    [TestCase("a == 'b", "at character 6: this text has no end; close it with '")]
    [TestCase("a == 'b\n'", "at character 6: this text has no end; close it with '")]
    [TestCase("'\\q'", "at character 2: this escape is unknown")]
    [TestCase("'\\ud800'", "at character 2: this escape is unknown")]
    [TestCase("'\\", "at character 1: this text has no end")]
    [TestCase("12abc", "at character 1: this is not a number")]
    [TestCase("0x1F", "at character 1: this is not a number")]
    [TestCase("1e999", "at character 1: this number is too large")]
    [TestCase("if == 1", "at character 1: if is a reserved word; write a field of this name as an index, such as row[\"if\"]")]

    // Syntax
    [TestCase("", "at character 1: the end is unexpected; a value is missing")]
    [TestCase("x +", "at character 4: the end is unexpected; a value is missing")]
    [TestCase("x > > 1", "at character 5: > is unexpected; a value is missing")]
    [TestCase("x 1", "at character 3: this number is unexpected; an operator")]
    [TestCase("x y", "at character 3: the name y is unexpected; an operator")]
    [TestCase("(x", "at character 3: the end is unexpected; ) is missing to close the parenthesis")]
    [TestCase("size(a", "at character 7: the end is unexpected; ) is missing to close the arguments")]
    [TestCase("x in [1", "at character 8: the end is unexpected; ] is missing to close the list")]
    [TestCase("p ? 1", "at character 6: the end is unexpected; : is missing")]
    [TestCase("p ? q ? 1 : 2 : 3", "at character 7: ? is unexpected; : is missing")]
    [TestCase("a.1", "at character 2: this number is unexpected")]
    [TestCase("a.'b'", "at character 3: a name must follow the dot")]
    [TestCase("a[1]", "at character 3: an index must be a text after a name")]
    [TestCase("'a'['b']", "at character 5: an index must be a text after a name")]
    [TestCase("'a'.b", "at character 5: only names have members")]
    [TestCase("row['a'", "at character 8: the end is unexpected; ] is missing after the index")]
    [TestCase("a == null", "at character 6: null is not supported; has(x)")]

    // Names
    [TestCase("payment.amout > 1", "at character 1: payment.amout is unknown; did you mean payment.amount?")]
    [TestCase("Payment.Amount > 1", "at character 1: Payment.Amount is unknown; did you mean payment.amount?")]
    [TestCase("row['Merchant name'] == a", "at character 1: row[\"Merchant name\"] is unknown; did you mean row[\"Merchant Name\"]?")]
    [TestCase("payment > 1", "at character 1: payment has no value itself; use a member, such as payment.amount")]
    [TestCase("row == a", "at character 1: row has no value itself; use a member, such as row[\"Merchant Name\"]")]
    [TestCase("payment.numbers == 1", "at character 1: payment.numbers has no value itself; use a member, such as payment.numbers[\"name\"]")]
    [TestCase("nothing == 1", "at character 1: nothing is unknown; known are a, b, x, y, p, q, f, payment.amount, row[\"Merchant Name\"], row.A, A")]

    // Types
    [TestCase("A > 100", "at character 3: > compares a text with a number; convert the text: double(A) > 100")]
    [TestCase("100 < row['Merchant Name']", "at character 5: < compares a number with a text; convert the text: "
        + "100 < double(row['Merchant Name'])")]
    [TestCase("x == '1'", "at character 3: == compares a number with a text; write the number without quotes")]
    [TestCase("p == 1", "at character 3: == compares a boolean with a number; a boolean is compared with true or false")]
    [TestCase("p < q", "at character 3: booleans have no order")]
    [TestCase("1 < 2 < 3", "at character 7: < compares a boolean with a number")]
    [TestCase("a + 1", "at character 3: + adds two numbers or joins two texts, not a text and a number; convert")]
    [TestCase("a * 2", "at character 1: * takes numbers, but a is a text; convert it: double(a)")]
    [TestCase("p + 2", "at character 1: + takes numbers, but p is a boolean; use a conditional: p ? 1 : 0")]
    [TestCase("!x", "at character 2: ! negates a boolean, but x is a number; compare it, such as x != 0")]
    [TestCase("-a", "at character 2: - negates a number, but a is a text; convert it: double(a)")]
    [TestCase("a && p", "at character 1: && combines booleans, but a is a text; compare it, such as a == \"yes\"")]
    [TestCase("x ? 1 : 2", "at character 1: the condition before ? must be a boolean, but x is a number")]
    [TestCase("p ? 1 : a", "at character 9: both results of ? must have one type; this is a text, and the first is a number; "
        + "convert it: double(a)")]
    [TestCase("a in 'b'", "at character 6: a list must follow in")]
    [TestCase("a in [b]", "at character 7: lists hold literals only")]
    [TestCase("a in [1]", "at character 7: the list is searched for a text, but this is a number; write it in quotes")]
    [TestCase("p in [true]", "at character 3: in searches a list of texts or numbers")]
    [TestCase("[1, 2]", "at character 1: a list may only follow in")]

    // Functions
    [TestCase("a.startswith('b')", "at character 3: startswith is not a function; did you mean startsWith?")]
    [TestCase("frobnicate(a)", "at character 1: frobnicate is not a function; use one of size, double")]
    [TestCase("startsWith(a, 'b')", "at character 1: startsWith is called as text.startsWith(text)")]
    [TestCase("a.double()", "at character 3: double is called as double(text)")]
    [TestCase("a.startsWith()", "at character 3: startsWith has another number of arguments; it is called as text.startsWith(text)")]
    [TestCase("size(a, b)", "at character 1: size has another number of arguments")]
    [TestCase("x.trim()", "at character 1: text.trim() takes a text, but x is a number; convert it: string(x)")]
    [TestCase("a.contains(1)", "at character 12: text.contains(text) takes a text, but this is a number; write a text in quotes")]
    [TestCase("has('a')", "at character 5: has takes a name")]
    [TestCase("has(p)", "at character 5: has takes a text or a number; a boolean is never missing")]
    [TestCase("double(p)", "at character 8: double takes a text or a number")]
    [TestCase("a.matches(b)", "at character 11: the pattern of matches must be a text in quotes")]
    [TestCase("a.matches('(')", "at character 11: the pattern is not a regular expression")]
    [TestCase("a.matches('(?=b)')", "at character 11: the pattern uses what needs backtracking")]
    [TestCase("a.matches('(b)\\\\1')", "at character 11: the pattern uses what needs backtracking")]
    [TestCase("a.matches('(b{10}){11}')", "at character 11: the pattern repeats too often")]
    public void Compile_Fault_NamesPositionAndRemedy(string source, string expected) =>
        Assert.That(FaultsOf(source), Has.Count.EqualTo(1).And.Some.StartsWith(expected));

    [TestCase("a", ExpressionType.Boolean, "at character 1: the expression must be a boolean, but it is a text; compare it, such as a == \"yes\"")]
    [TestCase("a", ExpressionType.Number, "at character 1: the expression must be a number, but it is a text; convert it: double(a)")]
    [TestCase("x", ExpressionType.Text, "at character 1: the expression must be a text, but it is a number; convert it: string(x)")]
    public void Compile_AnotherType_IsAFault(string source, ExpressionType type, string expected) =>
        Assert.That(FaultsOf(source, type), Is.EqualTo(new[] { expected }));

    [Test]
    public void Compile_SeveralFaults_ReportsAll() => Assert.That(
        FaultsOf("A > 100 && payment.amout < 3 || size(x) == z || b in ['a', 1, c]").Select(fault => fault.Split(':')[0]),
        Is.EqualTo(new[] { "at character 3", "at character 12", "at character 38", "at character 44", "at character 60", "at character 63" }));

    [Test]
    public void Compile_FaultsOfCharacters_ReportsAll() =>
        Assert.That(FaultsOf("x = 1 & y = 2"), Has.Count.EqualTo(3));

    /// <summary>Texts in an expression may be tokens, so no fault shows them.</summary>
    [TestCase("'card-secret' > 100")]
    [TestCase("x in ['card-secret']")]
    [TestCase("x == 'card-secret' && 'card-secret'")]
    public void Compile_FaultAtAText_DoesNotShowIt(string source) =>
        Assert.That(FaultsOf(source), Is.Not.Empty.And.None.Contains("secret"));

    [Test]
    public void Compile_AtTheLimits_IsAcceptedAndOneMoreIsAFault()
    {
        AssertLimit(ExpressionLimits.Depth - 1, n => new string('(', n) + "p" + new string(')', n), "nested too deeply");
        AssertLimit(ExpressionLimits.Depth - 1, n => new string('!', n) + "p", "nested too deeply");
        AssertLimit(ExpressionLimits.Nodes / 2, n => string.Join("+", Enumerable.Repeat("x", n)), "the expression is too long");
        AssertLimit(ExpressionLimits.SourceLength - 1, n => "p" + new string(' ', n), "the expression is too long");
        AssertLimit(ExpressionLimits.ListItems, n => $"x in [{string.Join(",", Enumerable.Repeat("1", n))}]", "a list has at most 1,000 items");
        AssertLimit(ExpressionLimits.PatternLength, n => $"a.matches('{new string('b', n)}')", "the pattern is too long");
        AssertLimit(ExpressionLimits.PatternRepetitions, n => $"a.matches('b{{{n}}}')", "the pattern repeats too often");
        Assert.That(FaultsOf(string.Join(" && ", Enumerable.Repeat("unknown", 100))), Has.Count.EqualTo(10));
    }

    [Test]
    public void Compile_RandomTexts_NeverThrow() => Gen.Frequency(
        (1, Gen.String[0, 200]),
        (2, Gen.Char["abxypqrowA01.5 ()[]'\"\\!=<>&|?:,+-*/%\n\u201c\ud83d"].Array[0, 60].Select(c => new string(c))),
        (4, Gen.OneOf("a", "x", "p", "f", "row['A']", "payment.amount", "'t'", "1", "0.5", "true", " && ", " || ", " == ", " < ", " in ",
            "[", "]", ",", "(", ")", "!", "-", " + ", " * ", " % ", " ? ", " : ", ".size()", ".startsWith(", ".matches('a+')", "size(",
            "has(", "double(", "string(", ".substring(", ".replace(").Array[0, 25].Select(string.Concat)))
        .Sample(source => EvaluatesOrHasFaults(source), iter: 20_000);

    [SuppressMessage("Performance", "CA1806:Do not ignore method results", Justification = "Only whether it throws is tested.")]
    private static void EvaluatesOrHasFaults(string source)
    {
        if (FaultsOf(source).Count == 0)
        {
            Evaluate(source);
            Evaluate(source, new Values(A: null, B: null, X: double.NaN, Y: double.NaN, F: float.NaN));
        }
    }

    private static void AssertLimit(int most, Func<int, string> create, string fault)
    {
        Assert.That(FaultsOf(create(most)), Is.Empty);
        Assert.That(FaultsOf(create(most + 1)), Has.Count.EqualTo(1).And.Some.Contains(fault));
    }
}
