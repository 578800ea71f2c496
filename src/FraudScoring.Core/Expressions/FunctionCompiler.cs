namespace FraudScoring.Core.Expressions;

/// <summary>Compiles the calls of functions and methods.</summary>
internal sealed class FunctionCompiler<TContext>(ExpressionFaults faults)
    where TContext : allows ref struct
{
    /// <summary>Compiles a call whose arguments have the types of the function.</summary>
    /// <param name="call">The call.</param>
    /// <param name="operands">Its arguments, the target first.</param>
    /// <returns>Null if it has a fault.</returns>
    public Operand<TContext>? Build(CallSyntax call, Operand<TContext>[] operands)
    {
        var text = operands[0].Text;
        switch (call.Function)
        {
            case "has":
                return BuildHas(call, operands[0]);
            case "double":
                return BuildDouble(call, operands[0]);
            case "string":
                return BuildString(call, operands[0]);
            case "matches":
                return BuildMatches(call, text, operands[1]);
            case "size":
                return new(call, (in c) => (double)ExpressionText.Size(text(in c)));
            case "lowerAscii":
                return new(call, (in c) => ExpressionText.LowerAscii(text(in c)));
            case "upperAscii":
                return new(call, (in c) => ExpressionText.UpperAscii(text(in c)));
            case "trim":
                return new(call, (in c) => text(in c).Trim());
            case "substring":
                var (from, to) = (operands[1].Number, operands.Length > 2 ? operands[2].Number : (in _) => double.MaxValue);
                return new(call, (in c) => ExpressionText.Substring(text(in c), from(in c), to(in c)));
            case "replace":
                var (old, by) = (operands[1].Text, operands[2].Text);
                return new(call, (in c) => ExpressionText.Replace(text(in c), old(in c), by(in c)));
        }
        var other = operands[1].Text;
        return call.Function switch
        {
            "startsWith" => new(call, (in c) => text(in c).StartsWith(other(in c), StringComparison.Ordinal)),
            "endsWith" => new(call, (in c) => text(in c).EndsWith(other(in c), StringComparison.Ordinal)),
            _ => new Operand<TContext>(call, (in c) => text(in c).Contains(other(in c), StringComparison.Ordinal)),
        };
    }

    private Operand<TContext>? BuildHas(CallSyntax call, Operand<TContext> operand)
    {
        if (operand.Syntax is not NameSyntax)
        {
            return Fault(operand.Syntax, "has takes a name, such as has(payment.device)");
        }
        return operand.Type switch
        {
            ExpressionType.Text => new(call, (in c) => operand.Text(in c).Length > 0),
            ExpressionType.Number => new(call, (in c) => !double.IsNaN(operand.Number(in c))),
            _ => Fault(operand.Syntax, "has takes a text or a number; a boolean is never missing"),
        };
    }

    private Operand<TContext>? BuildDouble(CallSyntax call, Operand<TContext> operand) => operand.Type switch
    {
        ExpressionType.Text => new(call, (in c) => ExpressionText.ToNumber(operand.Text(in c))),
        ExpressionType.Number => new(call, operand.Number) { IsSingle = operand.IsSingle },
        _ => Fault(operand.Syntax, "double takes a text or a number; use a conditional: x ? 1 : 0"),
    };

    private static Operand<TContext> BuildString(CallSyntax call, Operand<TContext> operand) => operand.Type switch
    {
        ExpressionType.Text => new(call, operand.Text),
        ExpressionType.Number when operand.IsSingle => new(call, (in c) => ExpressionText.FromSingle((float)operand.Number(in c))),
        ExpressionType.Number => new(call, (in c) => ExpressionText.FromNumber(operand.Number(in c))),
        _ => new(call, (in c) => operand.Boolean(in c) ? "true" : "false"),
    };

    private Operand<TContext>? BuildMatches(CallSyntax call, ExpressionReader<TContext, string> text, Operand<TContext> pattern)
    {
        if (pattern.Constant is not string written)
        {
            return Fault(pattern.Syntax, "the pattern of matches must be a text in quotes, such as r\"^4[0-9]+$\"");
        }
        if (ExpressionPattern.Compile(written, out var fault) is not { } regex)
        {
            return Fault(pattern.Syntax, fault);
        }
        return new(call, (in c) => regex.IsMatch(text(in c)));
    }

    private Operand<TContext>? Fault(Syntax syntax, string message)
    {
        faults.Add(syntax.At, message);
        return null;
    }
}
