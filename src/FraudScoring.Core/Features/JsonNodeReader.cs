using System.Text.Json;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Features;

/// <summary>A JSON value with its path: reading what is not there, or is of another kind, adds a fault and gives a harmless value.</summary>
internal readonly struct JsonNodeReader(JsonElement element, string path, List<Fault> faults)
{
    /// <summary>Parses a file, in which comments and trailing commas are allowed.</summary>
    /// <returns>Null when it is not JSON, which is then a fault.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> json, List<Fault> faults)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            faults.Add(new Fault("$", $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}"));
            return null;
        }
    }

    public string Path => path;

    public bool Exists => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public void Fault(string message) => faults.Add(new Fault(path, message));

    public void AllowOnly(params ReadOnlySpan<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault("must be an object");
            return;
        }
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                faults.Add(new Fault($"{path}.{property.Name}", $"is not known here; known are {string.Join(", ", names!)}"));
            }
        }
    }

    public JsonNodeReader Member(string name) => new(
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default, $"{path}.{name}", faults);

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
        var (at, list) = (path, faults);
        return [.. element.EnumerateObject().DistinctBy(p => p.Name).Select(p => (p.Name, new JsonNodeReader(p.Value, $"{at}.{p.Name}", list)))];
    }

    public IEnumerable<JsonNodeReader> Array(string name, int least, int most)
    {
        var member = Member(name);
        if (member.Kind != JsonValueKind.Array || member.Length < least || member.Length > most)
        {
            member.Fault($"must be a list of {least} to {most} items");
            return [];
        }
        return member.Items();
    }

    public string Text()
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return element.GetString()!;
        }
        Fault("must be a text");
        return "";
    }

    public string? TextOrNull() => Exists ? Text() : null;

    /// <summary>Lower-case letters, digits and underscores, beginning with a letter, at most 64.</summary>
    public string Name()
    {
        var text = Text();
        if (text.Length is 0 or > 64 || !char.IsAsciiLetterLower(text[0]) || !text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            Fault("must be a name of lower-case letters, digits and underscores, beginning with a letter, at most 64 characters");
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
        return member.Exists ? (int)Math.Round(member.Number(least, most)) : otherwise;
    }

    public JsonValueKind Kind => element.ValueKind;

    private int Length => element.GetArrayLength();

    private IEnumerable<JsonNodeReader> Items()
    {
        var (at, list) = (path, faults);
        return [.. element.EnumerateArray().Select((item, i) => new JsonNodeReader(item, $"{at}[{i}]", list))];
    }
}
