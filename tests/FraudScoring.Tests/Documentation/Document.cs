using System.Text.RegularExpressions;

namespace FraudScoring.Tests.Documentation;

/// <summary>A Markdown file of the repository, with the parts that tests check.</summary>
internal sealed partial class Document
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "data", "publish", "BenchmarkDotNet.Artifacts", "TestResults",
        ".git"];

    private readonly string[] _lines;

    private Document(string path)
    {
        Path = path;
        _lines = File.ReadAllLines(RepositoryFiles.Path(path));
    }

    /// <summary>Every Markdown file outside tests and build outputs.</summary>
    public static IReadOnlyList<Document> All { get; } =
        [.. Find(RepositoryFiles.Root).Select(file => System.IO.Path.GetRelativePath(RepositoryFiles.Root, file))
            .Where(path => !path.StartsWith("tests", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(path => new Document(path))];

    /// <summary>Path relative to the repository root.</summary>
    public string Path { get; }

    /// <summary>The anchors that GitHub generates for the headings.</summary>
    public IEnumerable<string> Anchors => Prose.Where(line => line.StartsWith('#'))
        .Select(line => NotInAnchors().Replace(Link().Replace(line.TrimStart('#').Trim(), "$1").ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>Targets of links and images.</summary>
    public IEnumerable<string> Links => Prose.Select(line => InlineCode().Replace(line, "")).SelectMany(line => Link().Matches(line))
        .Select(match => match.Groups[2].Value);

    /// <summary>The text in inline code spans.</summary>
    public IEnumerable<string> Code => Prose.SelectMany(line => InlineCode().Matches(line)).Select(match => match.Groups[1].Value);

    /// <summary>The commands of the shell blocks, one per line, without comments.</summary>
    public IEnumerable<string> Commands =>
        Blocks("bash").SelectMany(block => block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        .Select(line => ShellComment().Replace(line, "").Trim()).Where(line => line.Length > 0);

    /// <summary>The code blocks of a language.</summary>
    public IEnumerable<string> Blocks(string language) => Fenced().Matches(string.Join('\n', _lines))
        .Where(match => match.Groups["language"].Value == language).Select(match => match.Groups["text"].Value);

    /// <inheritdoc />
    public override string ToString() => Path;

    private IEnumerable<string> Prose => Fenced().Replace(string.Join('\n', _lines), "").Split('\n');

    private static IEnumerable<string> Find(string folder) => Directory.EnumerateFiles(folder, "*.md").Concat(
        Directory.EnumerateDirectories(folder).Where(below => !NotOurs.Contains(System.IO.Path.GetFileName(below))).SelectMany(Find));

    [GeneratedRegex(@"^ *```(?<language>\w*)\n(?<text>.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"!?\[([^\]]*)\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"(^|\s+)#\s.*$")]
    private static partial Regex ShellComment();
}
