namespace FraudScoring.Core.Expressions;

/// <summary>What an expression may have at most, so that every expression compiles and evaluates in bounded time and memory.</summary>
public static class ExpressionLimits
{
    /// <summary>Characters of the source.</summary>
    public const int SourceLength = 4_000;

    /// <summary>Levels of nesting: parentheses, calls, lists, conditionals and unary operators.</summary>
    public const int Depth = 50;

    /// <summary>Operators, calls, names and literals together, except the items of lists.</summary>
    public const int Nodes = 500;

    /// <summary>Items of a list.</summary>
    public const int ListItems = 1_000;

    /// <summary>Characters of a pattern for <c>matches</c>.</summary>
    public const int PatternLength = 256;

    /// <summary>The product of all repetition counts of a pattern, such as 30 for <c>(a{10}b){3}</c>.</summary>
    public const int PatternRepetitions = 1_000;

    /// <summary>Characters of a text that an expression creates. A longer one is missing.</summary>
    public const int TextLength = 65_536;

    /// <summary>Faults reported for one expression.</summary>
    internal const int Faults = 10;
}
