namespace FraudScoring.Core.Expressions;

/// <summary>A token of an expression. It starts at the index <see cref="At"/> of the source and ends before <see cref="End"/>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="At">Index of its first character.</param>
/// <param name="End">Index after its last character.</param>
/// <param name="Text">The name, the symbol, or the value of a text.</param>
/// <param name="Number">The value of a number.</param>
internal readonly record struct Token(TokenKind Kind, int At, int End, string Text, double Number = 0);

internal enum TokenKind
{
    End,
    Name,
    Number,
    Text,
    Symbol,
}
