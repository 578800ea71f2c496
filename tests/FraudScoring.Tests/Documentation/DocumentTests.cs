using System.Text.RegularExpressions;
using FraudScoring.Core.Features;

namespace FraudScoring.Tests.Documentation;

/// <summary>Everything that the documents refer to exists: links, anchors, paths, options, metrics and alerts.</summary>
public sealed partial class DocumentTests
{
    private const int MostBytesOfReadme = 10_000;

    /// <summary>Folders created by the commands in the documents.</summary>
    private static readonly string[] Made = ["models/payments/2", "models/payments/3", "models/payments/4"];

    private static readonly string[] TopLevel = ["src", "tests", "benchmarks", "protos", "models", "helm", ".github", ".config",
        ".devcontainer", ".ci"];

    private static IEnumerable<Document> Documents => Document.All;

    [Test]
    public void Readme_IsShort() =>
        Assert.That(new FileInfo(RepositoryFiles.Path("README.md")).Length, Is.LessThanOrEqualTo(MostBytesOfReadme));

    [Test]
    public void Documents_AreFound() => Assert.That(Documents.Select(document => document.Path.Replace('\\', '/')), Is.SupersetOf(new[]
    {
        "README.md", "protos/README.md", "models/README.md", "src/README.md", "src/FraudScoring.Training/README.md",
        "src/FraudScoring.Inference/README.md", "helm/fraud-scoring/README.md", "benchmarks/README.md", ".github/CONTRIBUTING.md",
    }));

    [TestCaseSource(nameof(Documents))]
    public void Links_LeadSomewhere(object document)
    {
        var from = (Document)document;
        Assert.That(from.Links.Where(link => !link.StartsWith("https://", StringComparison.Ordinal) && !Exists(from, link)), Is.Empty);
    }

    [TestCaseSource(nameof(Documents))]
    public void Paths_Exist(object document) => Assert.That(
        ((Document)document).Code.Where(code => PathInRepository().IsMatch(code) && TopLevel.Contains(code.Split('/')[0]))
            .Where(path => !Made.Contains(path.TrimEnd('/')) && !Path.Exists(RepositoryFiles.Path(path))), Is.Empty);

    [TestCaseSource(nameof(Documents))]
    public void Options_Exist(object document)
    {
        var known = FrozenContracts.OptionDefaults().Select(option => option.Name).ToHashSet();
        Assert.That(((Document)document).Code.Select(code => OptionName().Match(code)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Where(name => !known.Contains(name)), Is.Empty);
    }

    [TestCaseSource(nameof(Documents))]
    public async Task Metrics_Exist(object document)
    {
        var known = (await FrozenContracts.Metrics()).Select(metric => metric.Split('{')[0])
            .Concat(Aggregates.All.Select(aggregate => aggregate.Name)).ToHashSet();
        Assert.That(((Document)document).Code.Select(code => MetricName().Match(code)).Where(match => match.Success)
            .Select(match => match.Value).Where(name => !known.Contains(name)), Is.Empty);
    }

    [TestCaseSource(nameof(Documents))]
    public void Alerts_Exist(object document)
    {
        var known = AlertRule.All.Select(alert => alert.Name).ToHashSet();
        Assert.That(((Document)document).Code.Where(code => AlertName().IsMatch(code) && !known.Contains(code)), Is.Empty);
    }

    private static bool Exists(Document from, string link)
    {
        var parts = link.Split('#', 2);
        var folder = Path.GetDirectoryName(from.Path)!;
        var path = parts[0].Length == 0 ? from.Path : Path.GetRelativePath(RepositoryFiles.Root, RepositoryFiles.Path(folder, parts[0]));
        return Path.Exists(RepositoryFiles.Path(path))
            && (parts.Length == 1 || Document.All.FirstOrDefault(document => document.Path == path)?.Anchors.Contains(parts[1]) == true);
    }

    [GeneratedRegex(@"^[\w.\-]+(/[\w.\-]+)+/?$")]
    private static partial Regex PathInRepository();

    [GeneratedRegex(@"^(?:--)?([A-Z][A-Za-z]+:[A-Z][A-Za-z]+)(?:=.*)?$")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"^fraud_\w+")]
    private static partial Regex MetricName();

    [GeneratedRegex("^FraudScoring[A-Z][A-Za-z]+$")]
    private static partial Regex AlertName();
}
