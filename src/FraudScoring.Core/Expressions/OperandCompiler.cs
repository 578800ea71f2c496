using System.Collections.Frozen;

namespace FraudScoring.Core.Expressions;

/// <summary>
/// Checks the types of a syntax tree and compiles it to delegates, each of which calls those of its operands. Values are never boxed.
/// </summary>
/// <remarks>A part with a fault is null, and so is what contains it, so that one mistake is one fault.</remarks>
internal sealed class OperandCompiler<TContext>(string source, ExpressionScope<TContext> scope, ExpressionFaults faults)
    where TContext : allows ref struct
{
    private readonly FunctionCompiler<TContext> _functions = new(faults);

    /// <summary>Compiles the whole expression.</summary>
    /// <param name="syntax">The tree.</param>
    /// <param name="type">The type that its value must have; null for any.</param>
    /// <returns>Null if it has a fault.</returns>
    public Operand<TContext>? CompileRoot(Syntax syntax, ExpressionType? type)
    {
        var root = Compile(syntax);
        return root is null || type is null || root.Type == type ? root
            : Fault(syntax.At, $"the expression must be {A(type.Value)}, but it is {A(root.Type)}{RemedyFor(root, type.Value)}");
    }

    private Operand<TContext>? Compile(Syntax syntax) => syntax switch
    {
        LiteralSyntax literal => CompileLiteral(literal, literal.Value),
        NameSyntax name => scope.Find(name, faults),
        UnarySyntax unary => CompileUnary(unary),
        BinarySyntax { Operator: "in" } binary => CompileIn(binary),
        BinarySyntax binary => CompileBinary(binary),
        ConditionalSyntax conditional => CompileConditional(conditional),
        CallSyntax call => CompileCall(call),
        _ => Fault(syntax.At, "a list may only follow in, such as payment.channel in [\"atm\", \"ecommerce\"]"),
    };

    private static Operand<TContext> CompileLiteral(Syntax syntax, object constant) => constant switch
    {
        bool value => new Operand<TContext>(syntax, (in _) => value) { Constant = constant },
        double value => new Operand<TContext>(syntax, (in _) => value) { Constant = constant },
        _ => new Operand<TContext>(syntax, (in _) => (string)constant) { Constant = constant },
    };

    private Operand<TContext>? CompileUnary(UnarySyntax unary)
    {
        if (Compile(unary.Operand) is not { } operand)
        {
            return null;
        }
        if (unary.Operator == "!")
        {
            return Require(operand, ExpressionType.Boolean, "! negates a boolean")
                ? new Operand<TContext>(unary, (in c) => !operand.Boolean(in c)) : null;
        }
        return !Require(operand, ExpressionType.Number, "- negates a number") ? null
            : operand.Constant is double number ? CompileLiteral(unary, -number)
            : new Operand<TContext>(unary, (in c) => -operand.Number(in c)) { IsSingle = operand.IsSingle };
    }

    private Operand<TContext>? CompileConditional(ConditionalSyntax conditional)
    {
        var (condition, then, otherwise) =
            (Compile(conditional.Condition), Compile(conditional.Then), Compile(conditional.Otherwise));
        if (condition is null || !Require(condition, ExpressionType.Boolean, "the condition before ? must be a boolean")
            || then is null || otherwise is null)
        {
            return null;
        }
        if (then.Type != otherwise.Type)
        {
            return Fault(otherwise.Syntax.At, $"both results of ? must have one type; this is {A(otherwise.Type)}, and the first is "
                + A(then.Type) + RemedyFor(otherwise, then.Type));
        }
        var test = condition.Boolean;
        return then.Type switch
        {
            ExpressionType.Boolean => new(conditional, (in c) => test(in c) ? then.Boolean(in c) : otherwise.Boolean(in c)),
            ExpressionType.Number => new(conditional, (in c) => test(in c) ? then.Number(in c) : otherwise.Number(in c)),
            _ => new(conditional, (in c) => test(in c) ? then.Text(in c) : otherwise.Text(in c)),
        };
    }

    private Operand<TContext>? CompileBinary(BinarySyntax binary)
    {
        var (left, right) = (Compile(binary.Left), Compile(binary.Right));
        if (left is null || right is null)
        {
            return null;
        }
        switch (binary.Operator)
        {
            case "&&" or "||":
                // Both are checked, so that both faults are reported.
                var purpose = $"{binary.Operator} combines booleans";
                return Require(left, ExpressionType.Boolean, purpose) & Require(right, ExpressionType.Boolean, purpose)
                    ? Logic(binary, left.Boolean, right.Boolean) : null;
            case "+" when left.Type == ExpressionType.Text && right.Type == ExpressionType.Text:
                return new(binary, (in c) => ExpressionText.Join(left.Text(in c), right.Text(in c)));
            case "+" when left.Type == ExpressionType.Text || right.Type == ExpressionType.Text:
                return Fault(binary.OperatorAt, $"+ adds two numbers or joins two texts, not {A(left.Type)} and {A(right.Type)}; convert "
                    + "one of them with double(x) or string(x)");
            case "+" or "-" or "*" or "/" or "%":
                purpose = $"{binary.Operator} takes numbers";
                return Require(left, ExpressionType.Number, purpose) & Require(right, ExpressionType.Number, purpose)
                    ? Arithmetic(binary, left.Number, right.Number) : null;
            default:
                return CompileComparison(binary, left, right);
        }
    }

    private static Operand<TContext> Logic(
        BinarySyntax binary, ExpressionReader<TContext, bool> left, ExpressionReader<TContext, bool> right) => binary.Operator == "&&"
        ? new Operand<TContext>(binary, (in c) => left(in c) && right(in c))
        : new Operand<TContext>(binary, (in c) => left(in c) || right(in c));

    private static Operand<TContext> Arithmetic(
        BinarySyntax binary, ExpressionReader<TContext, double> left, ExpressionReader<TContext, double> right) => binary.Operator switch
        {
            "+" => new(binary, (in c) => ExpressionText.Finite(left(in c) + right(in c))),
            "-" => new(binary, (in c) => ExpressionText.Finite(left(in c) - right(in c))),
            "*" => new(binary, (in c) => ExpressionText.Finite(left(in c) * right(in c))),
            "/" => new(binary, (in c) => ExpressionText.Finite(left(in c) / right(in c))),
            _ => new(binary, (in c) => ExpressionText.Finite(left(in c) % right(in c))),
        };

    private Operand<TContext>? CompileComparison(BinarySyntax binary, Operand<TContext> left, Operand<TContext> right)
    {
        if (left.Type != right.Type)
        {
            return Fault(binary.OperatorAt, DescribeMixed(binary, left, right));
        }
        switch (left.Type)
        {
            case ExpressionType.Number:
                var (a, b) = (Rounded(left, right), Rounded(right, left));
                return binary.Operator switch
                {
                    "==" => new(binary, (in c) => a(in c) == b(in c)),
                    "!=" => new(binary, (in c) => a(in c) != b(in c)),
                    "<" => new(binary, (in c) => a(in c) < b(in c)),
                    "<=" => new(binary, (in c) => a(in c) <= b(in c)),
                    ">" => new(binary, (in c) => a(in c) > b(in c)),
                    _ => new(binary, (in c) => a(in c) >= b(in c)),
                };
            case ExpressionType.Text:
                var (s, t) = (left.Text, right.Text);
                return binary.Operator switch
                {
                    "==" => new(binary, (in c) => string.Equals(s(in c), t(in c))),
                    "!=" => new(binary, (in c) => !string.Equals(s(in c), t(in c))),
                    "<" => new(binary, (in c) => ExpressionText.Compare(s(in c), t(in c)) < 0),
                    "<=" => new(binary, (in c) => ExpressionText.Compare(s(in c), t(in c)) <= 0),
                    ">" => new(binary, (in c) => ExpressionText.Compare(s(in c), t(in c)) > 0),
                    _ => new(binary, (in c) => ExpressionText.Compare(s(in c), t(in c)) >= 0),
                };
            default:
                var (p, q) = (left.Boolean, right.Boolean);
                return binary.Operator switch
                {
                    "==" => new(binary, (in c) => p(in c) == q(in c)),
                    "!=" => new(binary, (in c) => p(in c) != q(in c)),
                    _ => Fault(binary.OperatorAt, $"booleans have no order; {binary.Operator} compares two numbers or two texts"),
                };
        }
    }

    /// <summary>The reader of a number; a literal is rounded to the precision of what it is compared with.</summary>
    private static ExpressionReader<TContext, double> Rounded(Operand<TContext> number, Operand<TContext> other)
    {
        if (other.IsSingle && number.Constant is double value)
        {
            double rounded = (float)value;
            return (in _) => rounded;
        }
        return number.Number;
    }

    private Operand<TContext>? CompileIn(BinarySyntax binary)
    {
        var item = Compile(binary.Left);
        if (binary.Right is not ListSyntax list)
        {
            return Fault(binary.Right.At, "a list must follow in, such as [\"atm\", \"ecommerce\"]");
        }
        var items = list.Items.Select(Compile).ToList();
        var before = faults.Count;
        foreach (var other in items.OfType<Operand<TContext>>())
        {
            if (other.Constant is null)
            {
                Fault(other.Syntax.At, "lists hold literals only, such as \"atm\" or 100; compare with == instead");
            }
            else if (item is not null && other.Type != item.Type)
            {
                Fault(other.Syntax.At, $"the list is searched for {A(item.Type)}, but this is {A(other.Type)}"
                    + (item.Type == ExpressionType.Text ? "; write it in quotes" : ""));
            }
        }
        if (item is null || items.Contains(null) || faults.Count > before)
        {
            return null;
        }
        switch (item.Type)
        {
            case ExpressionType.Text:
                var texts = items.Select(one => (string)one!.Constant!).ToFrozenSet(StringComparer.Ordinal);
                return new(binary, (in c) => texts.Contains(item.Text(in c)));
            case ExpressionType.Number:
                // NaN equals itself in a set, but no literal is NaN.
                var numbers = items.Select(one => (double)one!.Constant!)
                    .Select(number => item.IsSingle ? (float)number : number).ToFrozenSet();
                return new(binary, (in c) => numbers.Contains(item.Number(in c)));
            default:
                return Fault(binary.OperatorAt, "in searches a list of texts or numbers, not of booleans");
        }
    }

    private Operand<TContext>? CompileCall(CallSyntax call)
    {
        if (ExpressionFunction.Find(call.Function) is not { } function)
        {
            var similar = SimilarName.Find(call.Function, ExpressionFunction.All.Select(known => known.Name));
            return Fault(call.FunctionAt, $"{call.Function} is not a function; "
                + (similar is null ? $"use one of {string.Join(", ", ExpressionFunction.All.Select(known => known.Name))}"
                    : $"did you mean {similar}?"));
        }
        // size(text) and text.size() are the same, as in CEL; all other functions are called in one way.
        Syntax[] arguments = call.Target is null ? [.. call.Arguments] : [call.Target, .. call.Arguments];
        if (function.IsMethod != call.Target is not null && function.Name != "size")
        {
            return Fault(call.FunctionAt, $"{call.Function} is called as {function.Usage}");
        }
        if (arguments.Length < function.Least || arguments.Length > function.Types.Length)
        {
            return Fault(call.FunctionAt, $"{call.Function} has another number of arguments; it is called as {function.Usage}");
        }
        var operands = Array.ConvertAll(arguments, Compile);
        if (Array.Exists(operands, operand => operand is null))
        {
            return null;
        }
        var before = faults.Count;
        for (var i = 0; i < operands.Length; i++)
        {
            if (function.Types[i] is { } type)
            {
                Require(operands[i]!, type, $"{function.Usage} takes {A(type)}");
            }
        }
        return faults.Count > before ? null : _functions.Build(call, operands!);
    }

    private Operand<TContext>? Fault(int at, string message)
    {
        faults.Add(at, message);
        return null;
    }

    private bool Require(Operand<TContext> operand, ExpressionType type, string purpose)
    {
        if (operand.Type != type)
        {
            Fault(operand.Syntax.At, $"{purpose}, but {Name(operand)} is {A(operand.Type)}{RemedyFor(operand, type)}");
        }
        return operand.Type == type;
    }

    private static string A(ExpressionType type) => type switch
    {
        ExpressionType.Boolean => "a boolean",
        ExpressionType.Number => "a number",
        _ => "a text",
    };

    /// <summary>An operand as faults show it. Literals are not shown, since they may be tokens.</summary>
    private string Name(Operand<TContext> operand) => operand.Syntax is NameSyntax ? Slice(operand.Syntax) : "this";

    private string Slice(Syntax syntax) => source[syntax.At..syntax.End];

    private string RemedyFor(Operand<TContext> operand, ExpressionType wanted)
    {
        var written = operand.Syntax is NameSyntax ? Slice(operand.Syntax) : "x";
        return (operand.Type, wanted) switch
        {
            (ExpressionType.Text, ExpressionType.Number) when operand.Constant is not null => "; write a number without quotes",
            (ExpressionType.Text, ExpressionType.Number) => $"; convert it: double({written})",
            (ExpressionType.Number, ExpressionType.Text) when operand.Constant is not null => "; write a text in quotes",
            (_, ExpressionType.Text) => $"; convert it: string({written})",
            (ExpressionType.Text, ExpressionType.Boolean) => $"; compare it, such as {written} == \"yes\"",
            (ExpressionType.Number, ExpressionType.Boolean) => $"; compare it, such as {written} != 0",
            _ => $"; use a conditional: {written} ? 1 : 0",
        };
    }

    /// <summary>Says what a comparison mixes, and writes the comparison as it would be accepted.</summary>
    private string DescribeMixed(BinarySyntax binary, Operand<TContext> left, Operand<TContext> right)
    {
        var mixed = $"{binary.Operator} compares {A(left.Type)} with {A(right.Type)}";
        var (isLeft, isRight) = (left.Type == ExpressionType.Text, right.Type == ExpressionType.Text);
        if (left.Type == ExpressionType.Boolean || right.Type == ExpressionType.Boolean)
        {
            return $"{mixed}; a boolean is compared with true or false";
        }
        var (text, number) = isLeft ? (left, right) : (right, left);
        if (text.Constant is not null)
        {
            return $"{mixed}; write the number without quotes";
        }
        var converted = $"double({(text.Syntax is NameSyntax or CallSyntax ? Slice(text.Syntax) : "x")})";
        var other = number.Syntax is NameSyntax || number.Constant is not null ? Slice(number.Syntax) : "y";
        return $"{mixed}; convert the text: "
            + (isRight ? $"{other} {binary.Operator} {converted}" : $"{converted} {binary.Operator} {other}");
    }
}
