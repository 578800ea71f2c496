using System.Text.Json;
using System.Text.RegularExpressions;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Scoring;

namespace FraudScoring.IntegrationTests.Helm;

/// <summary>Alerts and dashboards use only metrics that the service exports.</summary>
public sealed partial class ChartMonitoringTests
{
    [Test]
    public void Metrics_OfAlertsAndDashboards_AreThoseOfTheService()
    {
        var shown = Created().Matches(Chart.ServerSource(Path.Combine("Monitoring", "ServerMetrics.cs")))
            .SelectMany(match => match.Groups["kind"].Value == "Histogram"
                ? new[] { "_bucket", "_sum", "_count", "" }.Select(part => match.Groups["name"].Value + part)
                : [match.Groups["name"].Value])
            .ToHashSet();
        var asked = Texts().SelectMany(text => Metric().Matches(text)).Select(match => match.Value).ToHashSet();
        Assert.That(asked, Has.Count.GreaterThan(10));
        Assert.That(asked, Is.SubsetOf(shown));
    }

    [Test]
    public void Labels_OfAlertsAndDashboards_HaveValuesThatExist()
    {
        var degradations = Enum.GetNames<Degradation>().Select(SnakeCase.Convert).ToList();
        var asked = Texts().SelectMany(text => Label().Matches(text))
            .ToLookup(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked["stage"].Distinct(), Is.SubsetOf(ScoringStages.Names));
            Assert.That(asked["degradation"].Distinct(), Is.Not.Empty.And.SubsetOf(degradations));
        }
    }

    [Test]
    public void Alerts_AllSayWhatToDo()
    {
        var alerts = File.ReadAllText(Path.Combine(Chart.Folder, "rules", "alerts.yaml")).Split("- alert: ")[1..];
        Assert.That(alerts, Is.Not.Empty.And.All.Contains("severity: ").And.All.Contains("summary: ").And.All.Contains("runbook: "));
    }

    [Test]
    public async Task Alerts_FireOnTheirFault_AndStaySilentWithoutIt()
    {
        var (exitCode, output) = await Chart.RunAsync("promtool", "test", "rules", Chart.TestFile("alerts.test.yaml"));
        Assert.That(exitCode, Is.Zero, output);
    }

    private static IEnumerable<string> Texts()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Chart.Folder, "rules")))
        {
            yield return File.ReadAllText(file);
        }
        foreach (var file in Directory.GetFiles(Path.Combine(Chart.Folder, "dashboards")))
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var target in dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(Targets))
            {
                yield return target.GetProperty("expr").GetString()!;
            }
        }
    }

    private static IEnumerable<JsonElement> Targets(JsonElement panel) =>
        panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray() : [];

    [GeneratedRegex("""Create(?<kind>Counter|Gauge|Histogram)\(\s*"(?<name>\w+)""")]
    private static partial Regex Created();

    // Not those that the rules record, whose names have colons.
    [GeneratedRegex(@"(?<![:\w])fraud_\w+(?!:)\b")]
    private static partial Regex Metric();

    [GeneratedRegex("""\b(?<name>\w+)!?="(?<value>\w+)""")]
    private static partial Regex Label();
}
