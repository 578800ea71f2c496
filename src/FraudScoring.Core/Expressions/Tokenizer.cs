using System.Globalization;
using System.Text;

namespace FraudScoring.Core.Expressions;

/// <summary>Splits an expression into tokens, as CEL does.</summary>
internal sealed class Tokenizer(string source, ExpressionFaults faults)
{
    private static readonly string[] Symbols =
    [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]",
    ];

    /// <summary>Names that CEL reserves, so that an expression means the same there.</summary>
    private static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
        "var", "void", "while",
    ];

    private readonly List<Token> _tokens = [];
    private int _at;

    /// <summary>Splits the source. The last token is of the kind End.</summary>
    public List<Token> Split()
    {
        for (SkipSpace(); _at < source.Length && !faults.IsFull; SkipSpace())
        {
            var c = source[_at];
            if (c is '"' or '\'')
            {
                ReadText(_at, isRaw: false);
            }
            else if (c is 'r' or 'R' && Peek(1) is '"' or '\'')
            {
                ReadText(_at++, isRaw: true);
            }
            else if (IsNameStart(c))
            {
                ReadName();
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
            {
                ReadNumber();
            }
            else
            {
                ReadSymbol();
            }
        }
        _tokens.Add(new Token(TokenKind.End, source.Length, source.Length, ""));
        return _tokens;
    }

    /// <summary>Returns whether a text can be written as a name.</summary>
    public static bool IsName(string text) =>
        text.Length > 0 && IsNameStart(text[0]) && text.All(IsNamePart) && !Reserved.Contains(text)
        && text is not ("true" or "false" or "null" or "in");

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsAsciiDigit(c);

    private char Peek(int ahead) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private void SkipSpace()
    {
        while (_at < source.Length)
        {
            if (source[_at] == '/' && Peek(1) == '/')
            {
                var end = source.IndexOf('\n', _at);
                _at = end < 0 ? source.Length : end;
            }
            else if (source[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private void ReadName()
    {
        var start = _at;
        while (_at < source.Length && IsNamePart(source[_at]))
        {
            _at++;
        }
        var name = source[start.._at];
        if (Reserved.Contains(name))
        {
            faults.Add(start, $"{name} is a reserved word; write a field of this name as an index, such as row[\"{name}\"]");
        }
        _tokens.Add(new Token(name == "in" ? TokenKind.Symbol : TokenKind.Name, start, _at, name));
    }

    private void ReadNumber()
    {
        var start = _at;
        SkipDigits();
        if (Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
        {
            _at++;
            SkipDigits();
        }
        if (Peek(0) is 'e' or 'E' && char.IsAsciiDigit(Peek(Peek(1) is '+' or '-' ? 2 : 1)))
        {
            _at += 2;
            SkipDigits();
        }
        var digits = source.AsSpan(start, _at - start);
        if (IsNamePart(Peek(0)))
        {
            faults.Add(start, "this is not a number; write digits with a decimal point, such as 12.5 or 1e6");
            while (IsNamePart(Peek(0)))
            {
                _at++;
            }
            return;
        }
        var number = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
        {
            faults.Add(start, "this number is too large; numbers are at most 1.7e308");
        }
        _tokens.Add(new Token(TokenKind.Number, start, _at, "", number));
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Peek(0)))
        {
            _at++;
        }
    }

    private void ReadSymbol()
    {
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(source, _at, symbol, 0, symbol.Length) == 0)
            {
                _tokens.Add(new Token(TokenKind.Symbol, _at, _at + symbol.Length, symbol));
                _at += symbol.Length;
                return;
            }
        }
        faults.Add(_at, source[_at] switch
        {
            '=' => "= is not an operator; use == to compare",
            '&' => "& is not an operator; use && for \"and\"",
            '|' => "| is not an operator; use || for \"or\"",
            '\u201c' or '\u201d' or '\u201e' or '\u2018' or '\u2019' => "texts are written in straight quotes, such as \"atm\"",
            '{' or '}' => "objects are not supported",
            _ => "this character has no meaning here; texts are written in quotes, and names of other characters as an index, "
                + "such as row[\"Merchant Name\"]",
        });
        // One fault for all that was meant to be one thing: a text in other quotes, an object, a run of other characters.
        var unread = source[_at++];
        var end = unread is '{' or > '\u2017' and < '\u201f' ? source.AsSpan(_at).IndexOfAny("\u2018\u2019\u201c\u201d}") + 1 : 0;
        for (_at += end; _at < source.Length && (source[_at] == unread || source[_at] > '\x7e');)
        {
            _at++;
        }
    }

    private void ReadText(int start, bool isRaw)
    {
        var quote = source[_at++];
        var text = new StringBuilder();
        while (_at < source.Length && source[_at] != quote && source[_at] is not ('\n' or '\r'))
        {
            if (source[_at] == '\\' && !isRaw && _at + 1 < source.Length)
            {
                ReadEscape(text);
            }
            else
            {
                text.Append(source[_at++]);
            }
        }
        if (Peek(0) != quote)
        {
            faults.Add(start, $"this text has no end; close it with {quote}");
            _at = source.Length;
            return;
        }
        _at++;
        _tokens.Add(new Token(TokenKind.Text, start, _at, text.ToString()));
    }

    private void ReadEscape(StringBuilder text)
    {
        var start = _at;
        var c = Peek(1);
        _at += 2;
        var simple = "abfnrtv\\\"'`?".IndexOf(c, StringComparison.Ordinal);
        if (simple >= 0)
        {
            text.Append("\a\b\f\n\r\t\v\\\"'`?"[simple]);
            return;
        }
        var digits = c switch { 'x' or 'X' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && _at + digits <= source.Length
            && int.TryParse(source.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            && Rune.IsValid(code))
        {
            text.Append(new Rune(code));
            _at += digits;
            return;
        }
        _at = Math.Min(_at, source.Length);
        faults.Add(start, "this escape is unknown; use \\\\, \\\", \\', \\n, \\r, \\t, \\xHH, \\uHHHH or \\UHHHHHHHH, "
            + "or a raw text such as r\"\\d\"");
    }
}
