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
    /// <remarks>
    /// Every repetition is a state of the automaton, which is built while it reads: <c>(.*a){900}c</c> took 25 s and 500 MB on a text of
    /// 65,536 characters, and no pattern with a product of 100 was found that takes a second.
    /// </remarks>
    public const int PatternRepetitions = 100;

    /// <summary>Characters of a text that an expression creates. A longer one is missing.</summary>
    public const int TextLength = 65_536;

    /// <summary>Faults reported for one expression.</summary>
    internal const int Faults = 10;
}
