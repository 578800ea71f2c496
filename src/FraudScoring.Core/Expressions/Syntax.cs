namespace FraudScoring.Core.Expressions;

/// <summary>A node of the syntax tree, from the index <see cref="At"/> of the source to before <see cref="End"/>.</summary>
internal abstract record Syntax(int At, int End);

/// <summary>A number, text or boolean in the source.</summary>
internal sealed record LiteralSyntax(int At, int End, object Value) : Syntax(At, End);

/// <summary>A name with its members, outermost first: <c>row["Merchant Name"]</c> is row, Merchant Name.</summary>
internal sealed record NameSyntax(int At, int End, IReadOnlyList<string> Path) : Syntax(At, End);

/// <summary><c>!x</c> or <c>-x</c>.</summary>
internal sealed record UnarySyntax(int At, int End, string Operator, Syntax Operand) : Syntax(At, End);

/// <summary>An operator between two operands, <c>in</c> included.</summary>
internal sealed record BinarySyntax(string Operator, int OperatorAt, Syntax Left, Syntax Right) : Syntax(Left.At, Right.End);

/// <summary><c>condition ? then : otherwise</c>.</summary>
internal sealed record ConditionalSyntax(Syntax Condition, Syntax Then, Syntax Otherwise) : Syntax(Condition.At, Otherwise.End);

/// <summary>A list in brackets.</summary>
internal sealed record ListSyntax(int At, int End, IReadOnlyList<Syntax> Items) : Syntax(At, End);

/// <summary>A call of a function, or of a method if there is a target.</summary>
internal sealed record CallSyntax(int At, int End, Syntax? Target, string Function, int FunctionAt, IReadOnlyList<Syntax> Arguments)
    : Syntax(At, End);
