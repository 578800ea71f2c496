namespace FraudScoring.Core.Expressions;

/// <summary>
/// Parses tokens into a syntax tree, with the precedence of CEL: conditional, or, and, relations, sums, products, unary operators, members.
/// </summary>
/// <remarks>Reports the first fault only: what follows a fault of the syntax would be guesswork.</remarks>
internal sealed class SyntaxParser(List<Token> tokens, ExpressionFaults faults)
{
    private static readonly string[][] Levels =
    [
        ["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"],
    ];

    private int _next;
    private int _depth;
    private int _nodes;
    private bool _hasFailed;

    private Token Current => tokens[_next];

    /// <summary>Parses the whole expression.</summary>
    /// <returns>Null if it has a fault.</returns>
    public Syntax? Parse()
    {
        var root = ParseConditional();
        if (Current.Kind != TokenKind.End)
        {
            Fail(Current.At, $"{Describe(Current)} is unexpected; an operator such as && or == must come before it");
        }
        return _hasFailed ? null : root;
    }

    private Syntax ParseConditional()
    {
        if (++_depth > ExpressionLimits.Depth)
        {
            return Fail(Current.At, $"the expression is nested too deeply; at most {ExpressionLimits.Depth} levels are allowed");
        }
        var condition = ParseBinary(0);
        if (TakeSymbol("?"))
        {
            // As in CEL, a conditional as the first result needs parentheses.
            var then = ParseBinary(0);
            Expect(":", "after the first result of ?");
            condition = Count(new ConditionalSyntax(condition, then, ParseConditional()));
        }
        _depth--;
        return condition;
    }

    private Syntax ParseBinary(int level)
    {
        if (level == Levels.Length)
        {
            return ParseUnary();
        }
        var left = ParseBinary(level + 1);
        while (Current.Kind == TokenKind.Symbol && Levels[level].Contains(Current.Text))
        {
            var symbol = Take();
            left = Count(new BinarySyntax(symbol.Text, symbol.At, left, ParseBinary(level + 1)));
        }
        return left;
    }

    private Syntax ParseUnary()
    {
        if (Current.Kind != TokenKind.Symbol || Current.Text is not ("!" or "-"))
        {
            return ParseMember();
        }
        if (++_depth > ExpressionLimits.Depth)
        {
            return Fail(Current.At, $"the expression is nested too deeply; at most {ExpressionLimits.Depth} levels are allowed");
        }
        var symbol = Take();
        var operand = ParseUnary();
        _depth--;
        return Count(new UnarySyntax(symbol.At, operand.End, symbol.Text, operand));
    }

    private Syntax ParseMember()
    {
        var target = ParsePrimary();
        while (Current.Kind == TokenKind.Symbol && Current.Text is "." or "[")
        {
            target = Take().Text == "." ? ParseDot(target) : ParseIndex(target);
        }
        return target;
    }

    private Syntax ParseDot(Syntax target)
    {
        if (Current.Kind != TokenKind.Name)
        {
            return Fail(Current.At, "a name must follow the dot, such as payment.amount or text.startsWith(\"a\")");
        }
        var name = Take();
        if (TakeSymbol("("))
        {
            return ParseCall(target.At, target, name);
        }
        return target is NameSyntax parent
            ? new NameSyntax(parent.At, name.End, [.. parent.Path, name.Text])
            : Fail(name.At, $"only names have members; if {name.Text} is a function, add its arguments in parentheses");
    }

    private Syntax ParseIndex(Syntax target)
    {
        if (target is not NameSyntax parent || Current.Kind != TokenKind.Text)
        {
            return Fail(Current.At, "an index must be a text after a name, such as row[\"Merchant Name\"]");
        }
        var key = Take();
        var end = Current.End;
        Expect("]", "after the index");
        return new NameSyntax(parent.At, end, [.. parent.Path, key.Text]);
    }

    private Syntax ParsePrimary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Number:
                return Count(new LiteralSyntax(token.At, token.End, token.Number));
            case TokenKind.Text:
                return Count(new LiteralSyntax(token.At, token.End, token.Text));
            case TokenKind.Name when token.Text is "true" or "false":
                return Count(new LiteralSyntax(token.At, token.End, token.Text == "true"));
            case TokenKind.Name when token.Text == "null":
                return Fail(token.At, "null is not supported; has(x) tells whether x has a value");
            case TokenKind.Name:
                return TakeSymbol("(")
                    ? ParseCall(token.At, null, token) : Count(new NameSyntax(token.At, token.End, [token.Text]));
            case TokenKind.Symbol when token.Text == "(":
                var inner = ParseConditional();
                Expect(")", "to close the parenthesis");
                return inner;
            case TokenKind.Symbol when token.Text == "[":
                return ParseList(token.At);
            default:
                return Fail(token.At, $"{Describe(token)} is unexpected; a value is missing: a name, a number, a text or a parenthesis");
        }
    }

    private Syntax ParseCall(int at, Syntax? target, Token name)
    {
        var arguments = new List<Syntax>();
        var end = ParseItems(")", "to close the arguments", arguments, () => ParseConditional());
        return Count(new CallSyntax(at, end, target, name.Text, name.At, arguments));
    }

    private Syntax ParseList(int at)
    {
        // Items do not count as nodes, so that a long list leaves room for the rest of the expression.
        var before = _nodes;
        var items = new List<Syntax>();
        var end = ParseItems("]", "to close the list", items, () =>
        {
            _nodes = before;
            return items.Count < ExpressionLimits.ListItems
                ? ParseConditional() : Fail(Current.At, $"a list has at most {ExpressionLimits.ListItems:#,0} items");
        });
        _nodes = before;
        return Count(new ListSyntax(at, end, items));
    }

    /// <returns>The index after the closing symbol.</returns>
    private int ParseItems(string close, string purpose, List<Syntax> items, Func<Syntax> parse)
    {
        if (Current is not { Kind: TokenKind.Symbol } || Current.Text != close)
        {
            do
            {
                items.Add(parse());
            }
            while (TakeSymbol(","));
        }
        var end = Current.End;
        Expect(close, purpose);
        return end;
    }

    private Token Take() => Current.Kind == TokenKind.End ? Current : tokens[_next++];

    private bool TakeSymbol(string symbol)
    {
        var isNext = Current.Kind == TokenKind.Symbol && Current.Text == symbol;
        _next += isNext ? 1 : 0;
        return isNext;
    }

    private void Expect(string symbol, string purpose)
    {
        if (!TakeSymbol(symbol))
        {
            Fail(Current.At, $"{Describe(Current)} is unexpected; {symbol} is missing {purpose}");
        }
    }

    private Syntax Count(Syntax node) => ++_nodes <= ExpressionLimits.Nodes
        ? node
        : Fail(node.At, $"the expression is too long; at most {ExpressionLimits.Nodes} names, literals and operators are allowed");

    /// <summary>Reports the first fault, and moves to the end so that nothing more is parsed.</summary>
    private LiteralSyntax Fail(int at, string message)
    {
        if (!_hasFailed)
        {
            faults.Add(at, message);
        }
        _hasFailed = true;
        _next = tokens.Count - 1;
        return new LiteralSyntax(at, at, false);
    }

    private static string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Number => "this number",
        TokenKind.Text => "this text",
        TokenKind.Name => $"the name {token.Text}",
        _ => token.Text,
    };
}
