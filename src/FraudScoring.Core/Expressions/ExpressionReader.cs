namespace FraudScoring.Core.Expressions;

/// <summary>Reads a value from the context of an expression.</summary>
/// <typeparam name="TContext">What is read: a class, or a struct, which is passed by reference.</typeparam>
/// <typeparam name="TValue">bool, double, float, or string, which may be null if the value is missing.</typeparam>
public delegate TValue ExpressionReader<TContext, out TValue>(in TContext context)
    where TContext : allows ref struct;
