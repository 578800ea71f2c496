namespace FraudScoring.Core.Expressions;

/// <summary>The type of an expression, which is known before it is evaluated.</summary>
public enum ExpressionType
{
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>A number of double precision; NaN if missing.</summary>
    Number,
    /// <summary>A text; empty if missing.</summary>
    Text,
}
