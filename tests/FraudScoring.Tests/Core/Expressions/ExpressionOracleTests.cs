using System.Text;
using Cel;
using CsCheck;
using static FraudScoring.Tests.Core.Expressions.TestScope;

namespace FraudScoring.Tests.Core.Expressions;

/// <summary>
/// Expressions have the value that the package Cel, an independent implementation of the Common Expression Language, gives them. Numbers
/// are written with a decimal point, since CEL also has integers. What differs on purpose is left out: missing values and overflow, which
/// are errors there, the functions over texts that CEL has as an extension, and the order of texts, which Cel 0.3.3 refuses for many pairs.
/// </summary>
public sealed class ExpressionOracleTests
{
    private static readonly CelEnvironment Oracle = new(null, null);

    [TestCase("1.0 + 2.0 * 3.0 - 8.0 / 4.0 / 2.0")]
    [TestCase("-x - -y")]
    [TestCase("10.0 - 4.0 - 3.0 == 3.0")]
    [TestCase("7 % 4 == 3")]
    [TestCase("x < y == true")]
    [TestCase("p || q && q")]
    [TestCase("q && q || p")]
    [TestCase("!p || !q")]
    [TestCase("!(p && q) == (!p || !q)")]
    [TestCase("p ? (q ? 1.0 : 2.0) : 3.0")]
    [TestCase("q ? 1.0 : p ? 2.0 : 3.0")]
    [TestCase("p ? 1.0 + 1.0 : 2.0 * 3.0")]
    [TestCase("a in ['a', 'b'] ? a + 'x' : b")]
    [TestCase("a in []")]
    [TestCase("x in [1.0, 2.5]")]
    [TestCase("x + 1.0 in [2.0]")]
    [TestCase("'a' + 'b' < 'abc' && 'B' != 'b'")]
    [TestCase("size(a + 'bcd') > 3")]
    [TestCase("'a\\u00e4\\U0001F600'.size() == 3")]
    [TestCase("'\\x41\\t\\'\\\\' + r'\\d'")]
    [TestCase("\"it's\" + 'a \"text\"'")]
    [TestCase("a.startsWith('a') && b.endsWith('b') && 'abc'.contains('bc')")]
    [TestCase("'4111'.matches('^4[0-9]{3}$') && !'x4111'.matches('^4') && 'x4111'.matches('4+')")]
    [TestCase("row['Merchant Name'] == 'a' && row.A == row[\"A\"]")]
    [TestCase("payment.amount * 2.0 >= 2.0")]
    [TestCase("double('1.5e2') + double(2.5)")]
    [TestCase("string(12.5) + string(3.0) + string('a') + string(p)")]
    [TestCase("has(payment.amount) && p")]
    [TestCase("x == 1.0 // a comment")]
    [TestCase("1e2 + .5")]
    public void Evaluate_WrittenExpression_IsAsInCel(string source) => AssertSame(source, new Values());

    /// <summary>Each sample is a random expression of a random type over random values, up to five levels deep.</summary>
    [Test]
    public void Evaluate_RandomExpressions_AreAsInCel() => Gen.Select(
        Gen.OneOf(Booleans(4), Numbers(4), Texts(4)), Gen.OneOf("", "a", "ab", "b"), Gen.OneOf("", "a", "ba"),
        Gen.Int[-4, 4], Gen.Int[-4, 4], Gen.Bool, Gen.Bool)
        .Sample((source, a, b, x, y, p, q) => AssertSame(source, new Values(a, b, x / 2.0, y / 2.0, p, q)), iter: 2_000);

    [Test]
    public void Compare_AnyTexts_OrdersByCodePoint()
    {
        var text = Gen.OneOf("a", "b", "\u00e4", "\uffee", "\U0001F600", "\U00010000").Array[0, 4].Select(string.Concat);
        Gen.Select(text, text).Sample((a, b) =>
        {
            var expected = CompareRunes([.. a.EnumerateRunes()], [.. b.EnumerateRunes()]);
            var values = new Values(a, b);
            Assert.That(Evaluate("a < b", values), Is.EqualTo(expected < 0));
            Assert.That(Evaluate("a <= b", values), Is.EqualTo(expected <= 0));
            Assert.That(Evaluate("a > b", values), Is.EqualTo(expected > 0));
            Assert.That(Evaluate("a >= b", values), Is.EqualTo(expected >= 0));
            Assert.That(Evaluate("a == b", values), Is.EqualTo(expected == 0));
            Assert.That(Evaluate("size(a)", values), Is.EqualTo((double)a.EnumerateRunes().Count()));
        }, iter: 2_000);
    }

    private static int CompareRunes(Rune[] a, Rune[] b)
    {
        var differs = a.Zip(b).FirstOrDefault(pair => pair.First != pair.Second);
        return differs != default ? differs.First.CompareTo(differs.Second) : a.Length - b.Length;
    }

    private static Gen<string> Booleans(int depth) => depth == 0
        ? Gen.OneOf("p", "q", "true", "false")
        : Gen.Frequency(
            (1, Booleans(0)),
            (2, Gen.Select(Booleans(depth - 1), Gen.OneOf("&&", "||", "==", "!="), Booleans(depth - 1), (l, o, r) => $"({l}) {o} ({r})")),
            (2, Gen.Select(Booleans(depth - 1), Gen.OneOf(" && ", " || "), Booleans(depth - 1), (l, o, r) => $"{l}{o}{r}")),
            (1, Booleans(depth - 1).Select(inner => $"!({inner})")),
            (2, Gen.Select(Numbers(depth - 1), Relation, Numbers(depth - 1), (l, o, r) => $"{l} {o} {r}")),
            (2, Gen.Select(Texts(depth - 1), Gen.OneOf("==", "!="), Texts(depth - 1), (l, o, r) => $"({l}) {o} ({r})")),
            (1, Gen.Select(Texts(depth - 1), Gen.OneOf("startsWith", "endsWith", "contains"), Texts(0), (t, f, u) => $"({t}).{f}({u})")),
            (1, Gen.Select(Texts(depth - 1), Gen.OneOf("^a", "b$", "a+b?", "[^a]", "^$"), (t, pattern) => $"({t}).matches('{pattern}')")),
            (1, Gen.Select(Numbers(depth - 1), Numbers(0).Array[0, 3], (x, _) => $"({x}) in [1.0, -0.5, 2.0]")),
            (1, Texts(depth - 1).Select(text => $"({text}) in ['a', 'ab', '']")),
            (1, Conditional(Booleans(depth - 1), depth)));

    private static Gen<string> Numbers(int depth) => depth == 0
        ? Gen.OneOf("x", "y", "0.0", "1.0", "2.5", "payment.amount")
        : Gen.Frequency(
            (1, Numbers(0)),
            (2, Gen.Select(Numbers(depth - 1), Gen.OneOf(" + ", " - ", " * "), Numbers(depth - 1), (l, o, r) => $"{l}{o}{r}")),
            (1, Gen.Select(Numbers(depth - 1), Gen.OneOf(" - ", " * "), Numbers(depth - 1), (l, o, r) => $"({l}){o}({r})")),
            (1, Gen.Select(Numbers(depth - 1), Gen.OneOf("2.0", "-4.0", "0.5"), (l, r) => $"({l}) / {r}")),
            (1, Numbers(depth - 1).Select(inner => $"-({inner})")),
            (1, Conditional(Numbers(depth - 1), depth)));

    private static Gen<string> Texts(int depth) => depth == 0
        ? Gen.OneOf("a", "b", "'a'", "\"b\"", "''", "row.A")
        : Gen.Frequency(
            (1, Texts(0)),
            (2, Gen.Select(Texts(depth - 1), Texts(depth - 1), (l, r) => $"({l}) + ({r})")),
            (1, Conditional(Texts(depth - 1), depth)));

    private static readonly Gen<string> Relation = Gen.OneOf("==", "!=", "<", "<=", ">", ">=");

    private static Gen<string> Conditional(Gen<string> result, int depth) =>
        Gen.Select(Booleans(depth - 1), result, result, (c, then, otherwise) => $"({c} ? {then} : {otherwise})");

    private static void AssertSame(string source, Values values)
    {
        var expected = Oracle.Compile(source)(new Dictionary<string, object?>
        {
            ["a"] = values.A, ["b"] = values.B, ["x"] = values.X, ["y"] = values.Y, ["p"] = values.P, ["q"] = values.Q,
            ["payment"] = new Dictionary<string, object?> { ["amount"] = values.X },
            ["row"] = new Dictionary<string, object?> { ["A"] = values.A, ["Merchant Name"] = values.A },
        });
        Assert.That(Evaluate(source, values), Is.EqualTo(expected), source);
    }
}
