using FraudScoring.Core.Decisions;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Documentation;

/// <summary>The examples of models/EXPRESSIONS.md have the values that stand next to them.</summary>
public sealed class ExpressionExampleTests
{
    private static readonly Dictionary<string, string> Row = new()
    {
        ["Amount"] = "120.50", ["Price"] = "$1,250.00", ["Country"] = "", ["Country Name"] = "Germany", ["First Name"] = " Ada ", ["Birthday"] = "1815-12-10",
    };

    private static readonly Document Guide = Document.All.Single(document => document.Path == Path.Combine("models", "EXPRESSIONS.md"));

    private static IEnumerable<TestCaseData> Examples() =>
        from block in Guide.Blocks("cel")
        from line in block.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let parts = line.Split(" // ")
        select new TestCaseData(parts[0], parts[1]).SetArgDisplayNames(parts[0]);

    [TestCaseSource(nameof(Examples))]
    public void Example_HasItsValue(string source, string expected) =>
        Assert.That(Evaluate(source), Is.EqualTo(expected == "missing" ? double.NaN : Evaluate(expected)));

    [Test]
    public void Examples_AreFound() => Assert.That(Examples().Count(), Is.GreaterThan(15));

    [Test]
    public void Functions_AreAllDescribed() => Assert.That(
        ExpressionFunction.All.Where(function => !Guide.Code.Any(code => code.Contains($"{function.Name}(", StringComparison.Ordinal))),
        Is.Empty);

    /// <summary>The limits in the guide are those of the code.</summary>
    [Test]
    public void Limits_AreThoseOfTheCode()
    {
        var text = File.ReadAllText(RepositoryFiles.Path("models", "EXPRESSIONS.md"));
        string[] rows =
        [
            $"| characters of an expression | {ExpressionLimits.SourceLength:#,0} |",
            $"| levels of nesting | {ExpressionLimits.Depth} |",
            $"| operators, calls, names and literals, without the items of lists | {ExpressionLimits.Nodes} |",
            $"| items of a list | {ExpressionLimits.ListItems:#,0} |",
            $"| {ExpressionLimits.PatternLength}; {ExpressionLimits.PatternRepetitions:#,0} |",
            $"| {ExpressionLimits.TextLength:#,0} |",
        ];
        Assert.That(rows.Where(row => !text.Contains(row, StringComparison.Ordinal)), Is.Empty);
    }

    /// <summary>Every name in the table of names is one that rules can use.</summary>
    [Test]
    public void NamesInRules_Exist()
    {
        var scope = RuleScope.Create(TestCatalogues.Served);
        var names = Guide.Code.Where(code => code == "score" || code.StartsWith("payment.", StringComparison.Ordinal)
                || code.StartsWith("features.", StringComparison.Ordinal))
            .Select(code => code.Replace("features.<name>", "features.card_speed", StringComparison.Ordinal)
                .Replace("<name>", "tier", StringComparison.Ordinal))
            .Where(code => !code.Contains('…', StringComparison.Ordinal)).Distinct().ToList();
        var faults = new Faults();
        Assert.That(names, Has.Count.GreaterThan(14));
        Assert.That(names.Select(name => scope.Compile(name, name, faults)), Has.None.Null, faults.ToLines());
    }

    /// <summary>The value on a payment of 500.01 EUR without a device and a location, and a row of a file.</summary>
    private static object Evaluate(string source)
    {
        var catalogue = TestCatalogues.Served;
        var scope = RuleScope.Create(catalogue)
            .Texts("row", name => Row.TryGetValue(name, out var value) ? (in _) => value : null, Row.Keys)
            .Texts("", name => Row.TryGetValue(name, out var value) ? (in _) => value : null);
        var faults = new Faults();
        var expression = scope.Compile(source, "$", faults);
        Assert.That(faults, Is.Empty);
        var row = new float[catalogue.Features.Count];
        row[catalogue.IndexOf("card_count_1h")] = 3;
        var payment = new Payment
        {
            TransactionId = "t", EventTimeMs = 1, AmountMinor = 50_001, Currency = TestPayments.Create("t", 1).Currency, Card = "card",
            Merchant = "m-17", MerchantCategory = 5411, Channel = Channel.Ecommerce,
        };
        var context = new RuleContext(payment, 500.01, row, 0.25);
        return expression!.Type switch
        {
            ExpressionType.Boolean => expression.Test(in context),
            ExpressionType.Number => expression.Number(in context),
            _ => expression.Text(in context),
        };
    }
}
