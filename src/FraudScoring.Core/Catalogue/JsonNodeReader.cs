using System.Text.Json;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// A JSON value with its path. Reading a missing value, or one of another kind, adds a fault and returns a valid default.
/// </summary>
/// <remarks>Readers never stop at the first fault, so that an operator sees everything that is wrong with a file in one run.</remarks>
internal readonly struct JsonNodeReader(JsonElement element, string path, Faults faults)
{
    /// <summary>Parses a file, which may hold comments and trailing commas.</summary>
    /// <returns>Null if it is not JSON or a string in it is not Unicode, which adds a fault.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> json, Faults faults)
    {
        try
        {
            // JsonDocument accepts lone surrogates and invalid UTF-8 in strings, and would throw only when one is read.
            var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            var reader = new Utf8JsonReader(json.Span, options);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsUnicode(ref reader))
                {
                    faults.Add("$", $"is not valid JSON: the string at byte {reader.TokenStartIndex + 1} of the file is not valid Unicode");
                    return null;
                }
            }
            return JsonDocument.Parse(
                json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            faults.Add("$", $"is not valid JSON: syntax error at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
            return null;
        }
    }

    public string Path => path;

    public bool Exists => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public void Fault(string message) => faults.Add(path, message);

    public void AllowOnly(params ReadOnlySpan<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault("must be an object");
            return;
        }
        RefuseTwice();
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                faults.Add($"{path}.{property.Name}", $"is unknown; remove it or use one of {string.Join(", ", names!)}");
            }
        }
    }

    /// <summary>Rejects members that are known, but have no effect together with the others.</summary>
    public void AllowNone(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Member(name) is { Exists: true } unused)
            {
                unused.Fault("has no effect on this feature; remove it");
            }
        }
    }

    public JsonNodeReader Member(string name)
    {
        var value = element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
        return new JsonNodeReader(value, $"{path}.{name}", faults);
    }

    public JsonNodeReader Object(string name)
    {
        var member = Member(name);
        if (member.Kind != JsonValueKind.Object)
        {
            member.Fault("must be an object");
        }
        return member;
    }

    public IEnumerable<(string Name, JsonNodeReader Node)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }
        RefuseTwice();
        var (at, list) = (path, faults);
        return
        [
            .. element.EnumerateObject().DistinctBy(p => p.Name)
                .Select(p => (p.Name, new JsonNodeReader(p.Value, $"{at}.{p.Name}", list))),
        ];
    }

    public IEnumerable<JsonNodeReader> Array(string name, int least, int most) => Member(name).Items(least, most);

    public IEnumerable<JsonNodeReader> Items(int least, int most)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() < least || element.GetArrayLength() > most)
        {
            var length = least == most ? $"exactly {most} item{(most == 1 ? "" : "s")}" : $"{least} to {most} items";
            Fault($"must be a list of {length}");
            return [];
        }
        var (at, list) = (path, faults);
        return [.. element.EnumerateArray().Select((item, i) => new JsonNodeReader(item, $"{at}[{i}]", list))];
    }

    public string Text()
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return element.GetString()!;
        }
        Fault("must be a string");
        return "";
    }

    public string? TextOrNull() => Exists ? Text() : null;

    /// <summary>Compiles a condition.</summary>
    /// <returns>Null if it has a fault.</returns>
    public Expression<TContext>? Condition<TContext>(ExpressionScope<TContext> scope)
        where TContext : allows ref struct
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return scope.Compile(element.GetString()!, path, faults, ExpressionType.Boolean);
        }
        Fault("must be a condition, such as \"payment.amount > 100\"");
        return null;
    }

    public string Name()
    {
        var text = Text();
        if (text.Length is 0 or > 64 || !char.IsAsciiLetterLower(text[0])
            || !text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            Fault("must be a name of lower-case letters, digits and underscores that starts with a letter, at most 64 characters");
        }
        return text;
    }

    public double Number(double least, double most)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && number >= least && number <= most)
        {
            return number;
        }
        Fault($"must be a number from {least} to {most}");
        return least;
    }

    public int Integer(string name, int least, int most, int otherwise)
    {
        var member = Member(name);
        if (!member.Exists)
        {
            return otherwise;
        }
        if (member.Kind == JsonValueKind.Number && member.TryGetInteger(out var number) && number >= least && number <= most)
        {
            return number;
        }
        member.Fault($"must be a whole number from {least} to {most}");
        return least;
    }

    public JsonValueKind Kind => element.ValueKind;

    private bool TryGetInteger(out int number) => element.TryGetInt32(out number);

    private void RefuseTwice()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!seen.Add(property.Name))
            {
                faults.Add($"{path}.{property.Name}", "appears more than once; keep one");
            }
        }
    }

    private static bool IsUnicode(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
