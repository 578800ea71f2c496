using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Expressions;

/// <summary>A scope with every kind of name, over a record of a few values.</summary>
internal static class TestScope
{
    public sealed record Values(string? A = "a", string? B = "b", double X = 1, double Y = 2, bool P = true, bool Q = false, float F = 0.7f);

    public static ExpressionScope<Values> Create() => new ExpressionScope<Values>()
        .Text("a", (in v) => v.A)
        .Text("b", (in v) => v.B)
        .Number("x", (in v) => v.X)
        .Number("y", (in v) => v.Y)
        .Boolean("p", (in v) => v.P)
        .Boolean("q", (in v) => v.Q)
        .SingleNumber("f", (in v) => v.F)
        .Number("payment.amount", (in v) => v.X)
        .Texts("row", name => name is "Merchant Name" or "A" ? (in v) => v.A : null, ["Merchant Name", "A"])
        .Texts("", name => name == "A" ? (in v) => v.A : null, ["A"])
        .Numbers("payment.numbers", name => name.Length == 1 ? (in v) => name == "x" ? v.X : double.NaN : null);

    /// <summary>The value: a bool, double or string.</summary>
    public static object Evaluate(string source, Values? values = null)
    {
        values ??= new Values();
        var faults = new Faults();
        var expression = Create().Compile(source, "$", faults);
        Assert.That(faults.ToString(), Is.Empty, source);
        return expression!.Type switch
        {
            ExpressionType.Boolean => expression.Test(values),
            ExpressionType.Number => expression.Number(values),
            _ => expression.Text(values),
        };
    }

    public static List<string> FaultsOf(string source, ExpressionType? type = null)
    {
        var faults = new Faults();
        var expression = Create().Compile(source, "$.when", faults, type);
        Assert.That(expression is null, Is.EqualTo(faults.Count > 0), source);
        Assert.That(faults.Select(fault => fault.Field), Is.All.EqualTo("$.when"));
        return [.. faults.Select(fault => fault.Message)];
    }
}
