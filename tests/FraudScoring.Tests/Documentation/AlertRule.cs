using System.Text.RegularExpressions;

namespace FraudScoring.Tests.Documentation;

/// <summary>An alert rule of the chart, parsed from its file.</summary>
internal sealed partial record AlertRule(string Name, string Severity, string Summary, string Runbook)
{
    public static IReadOnlyList<AlertRule> All { get; } = [.. File.ReadAllText(
        RepositoryFiles.Path("helm", "fraud-scoring", "rules", "alerts.yaml"))
        .Split("- alert: ")[1..].Select(Parse)];

    private static AlertRule Parse(string text) => new(
        text.Split('\n')[0].Trim(), SeverityLabel().Match(text).Groups[1].Value, Plain(Value(text, "summary")),
        Plain(Value(text, "runbook")));

    /// <summary>Reads a value on the line of its name, or a folded value on the more deeply indented lines below.</summary>
    private static string Value(string text, string name)
    {
        var match = Regex.Match(text, $@"^( +){name}: (.*)\n((?:\1 +.*\n?)*)", RegexOptions.Multiline);
        Assert.That(match.Success, Is.True, $"{name} of {text.Split('\n')[0]}");
        var value = match.Groups[2].Value is ">-" ? match.Groups[3].Value : match.Groups[2].Value + " " + match.Groups[3].Value;
        return Spaces().Replace(value, " ").Trim().Trim('"');
    }

    /// <summary>Replaces Prometheus template expressions with a name in angle brackets.</summary>
    private static string Plain(string text) => ValueTemplate().Replace(LabelTemplate().Replace(text, "<$1>"), "<value>");

    [GeneratedRegex(@"severity: (\w+)")]
    private static partial Regex SeverityLabel();

    [GeneratedRegex(@"\{\{ \$labels\.(\w+) \}\}")]
    private static partial Regex LabelTemplate();

    [GeneratedRegex(@"\{\{ \$value[^}]*\}\}")]
    private static partial Regex ValueTemplate();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
