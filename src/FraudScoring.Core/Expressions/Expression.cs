namespace FraudScoring.Core.Expressions;

/// <summary>
/// An expression of the language of mappings, filters and policy rules, compiled by <see cref="ExpressionScope{TContext}"/>: a
/// subset of the Common Expression Language (CEL, https://github.com/google/cel-spec), documented in models/EXPRESSIONS.md.
/// </summary>
/// <typeparam name="TContext">What it is evaluated on: a class, or a struct, which is passed by reference.</typeparam>
/// <remarks>
/// Immutable and safe for concurrent use. Evaluation always ends, never throws unless a reader of the scope does, and allocates nothing but
/// the texts that it creates.
/// </remarks>
public sealed class Expression<TContext>
    where TContext : allows ref struct
{
    private readonly Operand<TContext> _root;

    internal Expression(string source, Operand<TContext> root) => (Source, _root) = (source, root);

    /// <summary>The expression as it was written.</summary>
    public string Source { get; }

    /// <summary>The type of its value.</summary>
    public ExpressionType Type => _root.Type;

    /// <summary>Evaluates a boolean expression. Allocates nothing unless a function in it creates a text.</summary>
    /// <exception cref="InvalidOperationException">The expression is of another type.</exception>
    public bool Test(in TContext context) => Of(_root.Boolean)(in context);

    /// <summary>Evaluates a number expression. The number is NaN if the value is missing.</summary>
    /// <exception cref="InvalidOperationException">The expression is of another type.</exception>
    public double Number(in TContext context) => Of(_root.Number)(in context);

    /// <summary>Evaluates a text expression. The text is empty if the value is missing.</summary>
    /// <exception cref="InvalidOperationException">The expression is of another type.</exception>
    public string Text(in TContext context) => Of(_root.Text)(in context);

    private T Of<T>(T? read)
        where T : class => read ?? throw new InvalidOperationException($"The expression is of the type {Type}.");
}
