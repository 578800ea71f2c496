namespace FraudScoring.Core.Expressions;

/// <summary>A part of an expression, compiled: exactly one of the three readers is set, the one of its type.</summary>
internal sealed class Operand<TContext>
    where TContext : allows ref struct
{
    private Operand(Syntax syntax, ExpressionType type) => (Syntax, Type) = (syntax, type);

    public Operand(Syntax syntax, ExpressionReader<TContext, bool> read)
        : this(syntax, ExpressionType.Boolean) => Boolean = read;

    public Operand(Syntax syntax, ExpressionReader<TContext, double> read)
        : this(syntax, ExpressionType.Number) => Number = read;

    public Operand(Syntax syntax, ExpressionReader<TContext, string> read)
        : this(syntax, ExpressionType.Text) => Text = read;

    public Syntax Syntax { get; }

    public ExpressionType Type { get; }

    public ExpressionReader<TContext, bool> Boolean { get; } = null!;

    public ExpressionReader<TContext, double> Number { get; } = null!;

    public ExpressionReader<TContext, string> Text { get; } = null!;

    /// <summary>The value of a literal; null for everything else.</summary>
    public object? Constant { get; init; }

    /// <summary>True if the number was of single precision, so that literals are rounded before they are compared with it.</summary>
    public bool IsSingle { get; init; }
}
