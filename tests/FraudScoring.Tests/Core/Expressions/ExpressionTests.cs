using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;
using static FraudScoring.Tests.Core.Expressions.TestScope;

namespace FraudScoring.Tests.Core.Expressions;

public sealed class ExpressionTests
{
    // Literals
    [TestCase("12", ExpectedResult = 12.0)]
    [TestCase("12.5", ExpectedResult = 12.5)]
    [TestCase(".5", ExpectedResult = 0.5)]
    [TestCase("1e3", ExpectedResult = 1000.0)]
    [TestCase("1.5E-1", ExpectedResult = 0.15)]
    [TestCase("true", ExpectedResult = true)]
    [TestCase("false", ExpectedResult = false)]
    [TestCase("\"a'b\"", ExpectedResult = "a'b")]
    [TestCase("'a\"b'", ExpectedResult = "a\"b")]
    [TestCase("''", ExpectedResult = "")]
    [TestCase("'\\n\\t\\\\\\'\\x41\\u00e9\\U0001F600'", ExpectedResult = "\n\t\\'A\u00e9\U0001F600")]
    [TestCase("r'\\d\\n'", ExpectedResult = "\\d\\n")]
    [TestCase("R\"\\\"", ExpectedResult = "\\")]
    [TestCase(" 1 // a comment\n + 2 // and another", ExpectedResult = 3.0)]

    // Names
    [TestCase("a", ExpectedResult = "a")]
    [TestCase("payment.amount", ExpectedResult = 1.0)]
    [TestCase("payment[\"amount\"]", ExpectedResult = 1.0)]
    [TestCase("row[\"Merchant Name\"]", ExpectedResult = "a")]
    [TestCase("row.A + A", ExpectedResult = "aa")]
    [TestCase("payment.numbers.x + payment.numbers['x']", ExpectedResult = 2.0)]

    // Arithmetic
    [TestCase("1 + 2 * 3 - 4 / 2", ExpectedResult = 5.0)]
    [TestCase("(1 + 2) * 3", ExpectedResult = 9.0)]
    [TestCase("10 - 4 - 3", ExpectedResult = 3.0)]
    [TestCase("7 / 2", ExpectedResult = 3.5)]
    [TestCase("7 % 4 + -7 % 4", ExpectedResult = 0.0)]
    [TestCase("-x - -y", ExpectedResult = 1.0)]
    [TestCase("--x", ExpectedResult = 1.0)]
    [TestCase("'a' + 'b' + a", ExpectedResult = "aba")]

    // What is no finite number is missing
    [TestCase("1 / 0", ExpectedResult = double.NaN)]
    [TestCase("0 / 0", ExpectedResult = double.NaN)]
    [TestCase("x % 0", ExpectedResult = double.NaN)]
    [TestCase("1e308 * 10", ExpectedResult = double.NaN)]
    [TestCase("1e308 + 1e308", ExpectedResult = double.NaN)]
    [TestCase("-1e308 - 1e308", ExpectedResult = double.NaN)]
    [TestCase("string(1 / 0)", ExpectedResult = "")]

    // Relations
    [TestCase("1 < 2 && 2 <= 2 && 3 > 2 && 2 >= 2 && 1 != 2 && 1 == 1", ExpectedResult = true)]
    [TestCase("2 < 1 || 3 <= 2 || 2 > 3 || 2 >= 3 || 1 != 1 || 1 == 2", ExpectedResult = false)]
    [TestCase("'a' < 'b' && 'a' <= 'a' && 'b' > 'a' && 'b' >= 'b' && 'a' != 'A' && 'a' == 'a'", ExpectedResult = true)]
    [TestCase("'b' < 'a' || 'b' <= 'a' || 'a' > 'b' || 'a' >= 'b' || 'a' != 'a' || 'a' == 'A'", ExpectedResult = false)]
    [TestCase("'a' < 'ab' && 'Z' < 'a' && '' < 'a'", ExpectedResult = true)]
    [TestCase("'\\uffff' < '\\U0001F600'", ExpectedResult = true)]
    [TestCase("p == true && q != true && p != q", ExpectedResult = true)]
    [TestCase("x < y == true", ExpectedResult = true)]
    [TestCase("a in ['b', 'a'] && x in [3, 1] && -x in [-1]", ExpectedResult = true)]
    [TestCase("a in [] || x in [2, 3] || a in ['A']", ExpectedResult = false)]

    // Logic
    [TestCase("!p || !!p", ExpectedResult = true)]
    [TestCase("q && q || p", ExpectedResult = true)]
    [TestCase("p || q && q", ExpectedResult = true)]
    [TestCase("(p || q) && q", ExpectedResult = false)]
    [TestCase("p ? 1 : 2", ExpectedResult = 1.0)]
    [TestCase("q ? 'a' : p ? 'b' : 'c'", ExpectedResult = "b")]
    [TestCase("q ? p : q", ExpectedResult = false)]

    // Functions
    [TestCase("size('') + size('ab') + 'abc'.size()", ExpectedResult = 5.0)]
    [TestCase("'a\\U0001F600b'.size()", ExpectedResult = 3.0)]
    [TestCase("'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b') && ''.startsWith('')", ExpectedResult = true)]
    [TestCase("'abc'.startsWith('Ab') || 'abc'.endsWith('b') || 'abc'.contains('d')", ExpectedResult = false)]
    [TestCase("'4111'.matches('^4[0-9]+$') && 'xay'.matches('a')", ExpectedResult = true)]
    [TestCase("'abc'.matches('^b') || 'abc'.matches('(?-i)A')", ExpectedResult = false)]
    [TestCase("'aB\u00c4c'.lowerAscii()", ExpectedResult = "ab\u00c4c")]
    [TestCase("'aB\u00e4c'.upperAscii()", ExpectedResult = "AB\u00e4C")]
    [TestCase("' \\ta b\\n'.trim()", ExpectedResult = "a b")]
    [TestCase("'abcd'.substring(1)", ExpectedResult = "bcd")]
    [TestCase("'abcd'.substring(1, 3)", ExpectedResult = "bc")]
    [TestCase("'a\\U0001F600b'.substring(1, 2)", ExpectedResult = "\U0001F600")]
    [TestCase("'abc'.substring(-1, 99)", ExpectedResult = "abc")]
    [TestCase("'abc'.substring(2, 1) + 'abc'.substring(9) + 'abc'.substring(1 / 0)", ExpectedResult = "")]
    [TestCase("'a.b.c'.replace('.', '')", ExpectedResult = "abc")]
    [TestCase("'aaa'.replace('a', 'bb') + 'a'.replace('', 'x')", ExpectedResult = "bbbbbba")]
    [TestCase("double('12.5') + double('-1e1') + double(2)", ExpectedResult = 4.5)]
    [TestCase("string(12.5) + string(-0.0) + string('a') + string(p)", ExpectedResult = "12.50atrue")]
    [TestCase("string(4111111111111111) + string(1e300) + string(0.1)", ExpectedResult = "41111111111111111E+3000.1")]
    [TestCase("string(f)", ExpectedResult = "0.7")]
    [TestCase("has(a) && has(x) && has(row['Merchant Name'])", ExpectedResult = true)]
    public object Evaluate_Source_HasItsValue(string source) => Evaluate(source);

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("12 ")]
    [TestCase("1,5")]
    [TestCase("0x10")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1e400")]
    [TestCase("\u0661")]
    public void Double_TextThatIsNoNumber_IsMissing(string text) =>
        Assert.That(Evaluate("double(a)", new Values(A: text)), Is.EqualTo(double.NaN));

    [TestCase("x < 1 || x <= 1 || x > 1 || x >= 1 || x == 1 || x == x || x in [0, 1]", ExpectedResult = false)]
    [TestCase("x != 1", ExpectedResult = true)]
    [TestCase("!(x > 1)", ExpectedResult = true)]
    [TestCase("has(x) || has(a) || has(payment.amount) || has(row.A)", ExpectedResult = false)]
    [TestCase("a == '' && size(a) == 0 && a.startsWith('') && !a.contains('x')", ExpectedResult = true)]
    [TestCase("string(x + 1) + a", ExpectedResult = "")]
    public object Evaluate_MissingValues_FollowTheRules(string source) => Evaluate(source, new Values(A: null, X: double.NaN));

    [TestCase("f == 0.7 && f >= 0.7 && f <= 0.7 && 0.7 == f && f in [0.7]", ExpectedResult = true)]
    [TestCase("f < 0.7 || f > 0.7 || f != 0.7", ExpectedResult = false)]
    [TestCase("-f == -0.7", ExpectedResult = true)]
    [TestCase("f * 1 == 0.7", ExpectedResult = false)]
    public object Evaluate_NumberOfSinglePrecision_IsComparedInIt(string source) => Evaluate(source);

    [Test]
    public void Evaluate_TextsThatGrow_AreMissingAboveTheLimit()
    {
        var grown = string.Concat(Enumerable.Repeat(".replace('a', 'aaaaaaaaaa')", 40));
        Assert.That(Evaluate($"a{grown}"), Is.EqualTo(""));
        Assert.That(Evaluate("a.replace('a', '" + new string('a', 1000) + "').size()"), Is.EqualTo(1000.0));
        Assert.That(Evaluate("(a + a).size()", new Values(A: new string('a', ExpressionLimits.TextLength / 2))),
            Is.EqualTo((double)ExpressionLimits.TextLength));
        Assert.That(Evaluate("a + a", new Values(A: new string('a', (ExpressionLimits.TextLength / 2) + 1))), Is.EqualTo(""));
    }

    [Test]
    public void Evaluate_ConditionsAndNumbers_AllocateNothing()
    {
        var values = new Values(A: "card-1", B: "de", X: double.NaN);
        string[] conditions =
        [
            "x < 1 && y >= 2 || a == b", "a in ['x', 'y'] || y in [1, 2, 3]", "a.startsWith('c') && a.endsWith('1') && a.contains('-')",
            "a.matches('^card-[0-9]+$')", "b.lowerAscii() == 'de'", "has(a) && !has(x)", "double(a) > 1 || size(a) == 6 || p ? q : p",
            "row['Merchant Name'] < b && f >= 0.7", "a.trim() == a",
        ];
        foreach (var source in conditions)
        {
            var condition = Create().Compile(source, "$", new Faults())!;
            AssertAllocatesNothing(source, () => condition.Test(values));
        }
        var number = Create().Compile("p ? (x + y * 2) % 7 / 3 - double(a) : -x", "$", new Faults())!;
        AssertAllocatesNothing("a number", () => number.Number(values));
    }

    [Test]
    public void Evaluate_AsAnotherType_Throws()
    {
        var expression = Create().Compile("x > 1", "$", new Faults(), ExpressionType.Boolean)!;
        Assert.That((expression.Type, expression.Source), Is.EqualTo((ExpressionType.Boolean, "x > 1")));
        Assert.That(() => expression.Number(new Values()), Throws.InvalidOperationException);
        Assert.That(() => expression.Text(new Values()), Throws.InvalidOperationException);
    }

    [Test]
    public void Scope_NameTwiceOrNotAnIdentifier_Throws()
    {
        Assert.That(() => Create().Number("x", (in _) => 0), Throws.ArgumentException);
        Assert.That(() => Create().Number("Merchant Name", (in _) => 0), Throws.ArgumentException);
        Assert.That(() => Create().Number("a.", (in _) => 0), Throws.ArgumentException);
        Assert.That(() => Create().Number("for", (in _) => 0), Throws.ArgumentException);
        Assert.That(() => Create().Texts("row", _ => null), Throws.ArgumentException);
    }

    private static void AssertAllocatesNothing(string what, Action evaluate)
    {
        for (var i = 0; i < 100; i++)
        {
            evaluate();
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            evaluate();
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, what);
    }
}
