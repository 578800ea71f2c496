using System.Text.RegularExpressions;

namespace FraudScoring.Tests;

/// <summary>Rules for the scripts of CI.</summary>
public sealed partial class ScriptTests
{
    /// <summary>
    /// <c>grep -q</c> ends at the first match. A command that still writes to it then fails with SIGPIPE, and under <c>pipefail</c> the
    /// condition is false although there was a match, but only sometimes.
    /// </summary>
    [Test]
    public void Scripts_WithPipefail_PipeNothingIntoGrepQ()
    {
        var scripts = Directory.GetFiles(RepositoryFiles.Path(".ci"));
        Assert.That(scripts, Is.Not.Empty);
        Assert.That(scripts.SelectMany(path => FindIn(Path.GetFileName(path), File.ReadAllText(path))), Is.Empty);
    }

    [Test]
    public void Scripts_WithPipefail_ThatPipeIntoGrepQ_AreSeen()
    {
        Assert.That(FindIn("a", "set -o pipefail\nldconfig -p | grep -q libgomp"), Is.EqualTo(new[] { "a:2" }));
        Assert.That(FindIn("a", "set -uo pipefail\nlist 2>&1 | LC_ALL=C grep -iq x"), Is.EqualTo(new[] { "a:2" }));
        Assert.That(FindIn("a", "ldconfig -p | grep -q libgomp"), Is.Empty);
        Assert.That(FindIn("a", "set -o pipefail\na || grep -q b <<<\"$c\""), Is.Empty);
    }

    private static IEnumerable<string> FindIn(string name, string script) =>
        !script.Contains("pipefail", StringComparison.Ordinal) ? []
        : script.Split('\n').Index().Where(line => PipeIntoGrepQ().IsMatch(line.Item)).Select(line => $"{name}:{line.Index + 1}");

    [GeneratedRegex(@"(?<!\|)\|\s*(?:\w+=\S*\s+)*grep\s+-\w*q")]
    private static partial Regex PipeIntoGrepQ();
}
