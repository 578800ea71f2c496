using System.Text.RegularExpressions;

namespace FraudScoring.Tests.Documentation.OpenApi;

/// <summary>The comments above the declarations of the proto files. Descriptors of generated code do not have them.</summary>
internal sealed partial class ProtoComments
{
    private readonly Dictionary<string, string> _texts = [];

    /// <summary>Reads files in the style of this repository: one declaration per line, its comment in the lines above.</summary>
    public ProtoComments(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            Read(File.ReadAllLines(file));
        }
    }

    /// <summary>The comment of a message, enum, service, field, value or method by its name, such as "Payment.amount"; empty if none.</summary>
    public string Of(string name) => _texts.GetValueOrDefault(name, "");

    private void Read(string[] lines)
    {
        var (scopes, comment) = (new Stack<string>(), new List<string>());
        foreach (var line in lines.Select(line => line.Trim()))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Add(line[2..].Trim());
                continue;
            }
            if (Declaration().Match(line) is { Success: true } match)
            {
                // Members of a oneof and options of a method belong to what surrounds them.
                var scope = scopes.FirstOrDefault(name => name.Length > 0);
                _texts[scope is null ? match.Groups["name"].Value : $"{scope}.{match.Groups["name"].Value}"] = string.Join(' ', comment);
            }
            comment.Clear();
            if (line.EndsWith('{'))
            {
                scopes.Push(Scope().Match(line).Groups["name"].Value);
            }
            else if (line.StartsWith('}'))
            {
                scopes.Pop();
            }
        }
    }

    [GeneratedRegex(@"^(message|enum|service|rpc) (?<name>\w+)|^(optional |repeated )?[\w.]+(<[\w., ]+>)? (?<name>\w+) = \d+|^(?<name>[A-Z0-9_]+) = \d+",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^(message|enum|service) (?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Scope();
}
