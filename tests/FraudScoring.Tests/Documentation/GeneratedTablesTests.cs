using System.Text;
using System.Text.RegularExpressions;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Tests.Documentation;

/// <summary>
/// The reference in the chart's README is generated: options from the option records and appsettings.json, metrics from their collectors,
/// and alerts from the rules. Run the tests with FRAUDSCORING_APPROVE=1 to update it.
/// </summary>
public sealed partial class GeneratedTablesTests
{
    private static readonly string Readme = RepositoryFiles.Path("helm", "fraud-scoring", "README.md");

    private static readonly Dictionary<string, Func<Task<string>>> Tables = new()
    {
        ["alerts"] = () => Task.FromResult(Alerts()),
        ["options"] = () => Task.FromResult(Options()),
        ["metrics"] = Metrics,
    };

    private static IEnumerable<string> Names => Tables.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task Table_OfTheReadme_IsTheGeneratedOne(string name)
    {
        var generated = await Tables[name]();
        var text = await File.ReadAllTextAsync(Readme);
        var (begin, end) = ($"<!-- table: {name} -->\n", "<!-- end of table -->");
        Assert.That(text, Does.Contain(begin));
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        if (ApprovedTests.IsApproving)
        {
            await File.WriteAllTextAsync(Readme, $"{text[..from]}\n{generated}\n{text[to..]}");
            return;
        }
        Assert.That(text[from..to].Trim('\n'), Is.EqualTo(generated.Trim('\n')),
            $"Update it: {ApprovedTests.Approve}=1 dotnet test tests/FraudScoring.Tests --filter FullyQualifiedName~GeneratedTables");
    }

    [Test]
    public void Alerts_OfTheRules_AreAllRead() => Assert.That(AlertRule.All, Has.Count.GreaterThan(10).And.All.Matches<AlertRule>(alert =>
        alert is { Severity: "critical" or "warning", Summary.Length: > 20, Runbook.Length: > 40 }));

    private static string Alerts()
    {
        var text = new StringBuilder("| alert | severity | meaning |\n|---|---|---|\n");
        foreach (var alert in AlertRule.All)
        {
            text.Append($"| [{alert.Name}](#{alert.Name.ToLowerInvariant()}) | {alert.Severity} | {Escape(alert.Summary)} |\n");
        }
        text.Append('\n');
        foreach (var alert in AlertRule.All)
        {
            text.Append($"### {alert.Name}\n\n**{alert.Severity}** · `{alert.Summary}`\n\n{Escape(alert.Runbook)}\n\n");
        }
        return text.ToString();
    }

    private static string Options()
    {
        var comments = OptionComments();
        var text = new StringBuilder();
        foreach (var section in FrozenContracts.OptionDefaults().GroupBy(option => option.Name.Split(':')[0]))
        {
            text.Append($"### {section.Key}\n\n| option | default | meaning |\n|---|---|---|\n");
            foreach (var (name, value) in section)
            {
                text.Append($"| `{name}` | `{value}` | {Escape(comments[name])} |\n");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private static async Task<string> Metrics()
    {
        using var stream = new MemoryStream();
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(ServerMetrics).TypeHandle);
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(stream);
        var help = HelpLine().Matches(Encoding.UTF8.GetString(stream.ToArray()))
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        var text = new StringBuilder("| metric | type | labels | meaning |\n|---|---|---|---|\n");
        foreach (var metric in await FrozenContracts.Metrics())
        {
            var match = Metric().Match(metric);
            var labels = match.Groups["labels"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => $"`{label}`");
            var name = match.Groups["name"].Value;
            text.Append($"| `{name}` | {match.Groups["type"].Value} | {string.Join(", ", labels)} | {Escape(help[name])} |\n");
        }
        return text.ToString();
    }

    /// <summary>The comment above each option of appsettings.json.</summary>
    private static Dictionary<string, string> OptionComments()
    {
        var comments = new Dictionary<string, string>();
        var (section, comment) = ("", new List<string>());
        foreach (var line in File.ReadLines(RepositoryFiles.Path("src", "FraudScoring.Server", "appsettings.json")))
        {
            if (SettingsComment().Match(line) is { Success: true } said)
            {
                comment.Add(said.Groups[1].Value);
            }
            else if (SettingsName().Match(line) is { Success: true } named)
            {
                section = named.Groups[1].Length == 2 ? named.Groups[2].Value : section;
                comments[$"{section}:{named.Groups[2].Value}"] = string.Join(' ', comment);
                comment = [];
            }
        }
        return comments;
    }

    private static string Escape(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal);

    [GeneratedRegex(@"^# HELP (fraud_\w+) (.+)$", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^(?<name>\w+)\{(?<labels>.*)\} (?<type>\w+)$")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^ +// (.*)$")]
    private static partial Regex SettingsComment();

    [GeneratedRegex("^( +)\"(\\w+)\":")]
    private static partial Regex SettingsName();
}
