using System.Text.RegularExpressions;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;

namespace FraudScoring.Tests;

/// <summary>
/// The servers for a laptop in .devcontainer/compose.yaml match the service and the chart. The file is read as text: no YAML parser is
/// needed.
/// </summary>
public sealed partial class ComposeTests
{
    private static readonly string Folder = RepositoryFiles.Path(".devcontainer");
    private static readonly string Compose = File.ReadAllText(Path.Combine(Folder, "compose.yaml"));

    [Test]
    public void Mounts_OfFiles_AllExist()
    {
        var mounted = Mount().Matches(Compose).Select(match => Path.GetFullPath(Path.Combine(Folder, match.Groups["path"].Value))).ToList();
        Assert.That(mounted, Has.Count.GreaterThan(3));
        Assert.That(mounted.Where(path => !Path.Exists(path)), Is.Empty);
    }

    [Test]
    public void Topics_AreTheDefaultsOfTheService()
    {
        var kafka = new KafkaOptions();
        var created = Topics().Match(Compose).Groups["name"].Captures.Select(capture => capture.Value);
        Assert.That(created, Is.EquivalentTo(new[]
        {
            kafka.TransactionsTopic, kafka.LabelsTopic, kafka.DecisionsTopic,
            kafka.DeadLetterTopic(kafka.TransactionsTopic), kafka.DeadLetterTopic(kafka.LabelsTopic),
        }));
    }

    [Test]
    public void Prometheus_ScrapesThePortOfTheService()
    {
        var scraped = Target().Match(File.ReadAllText(Path.Combine(Folder, "prometheus", "prometheus.yaml"))).Groups["port"].Value;
        Assert.That(scraped, Is.EqualTo($"{new ListenOptions().HttpPort}"));
    }

    [Test]
    public void Images_NameTheirVersion()
    {
        var images = Image().Matches(Compose).Select(match => match.Groups["name"].Value).ToList();
        Assert.That(images, Has.Count.EqualTo(5).And.All.Match(@":v?\d+\.\d+\.\d+$"));
    }

    [GeneratedRegex(@"(?m)^\s+- (?<path>\.{1,2}/[^:\s]+):")]
    private static partial Regex Mount();

    [GeneratedRegex(@"(?m)^\s+TOPICS: >-\n(?:\s+(?<name>[a-z.-]+)\n)+")]
    private static partial Regex Topics();

    [GeneratedRegex(@"host\.docker\.internal:(?<port>\d+)")]
    private static partial Regex Target();

    [GeneratedRegex(@"(?m)^\s+image: (?<name>\S+)$")]
    private static partial Regex Image();
}
