using FraudScoring.Server.Features;

namespace FraudScoring.Tests.Server.Features;

/// <summary>Every Lua script states its guarantees at the top and is used.</summary>
public sealed class RedisScriptTests
{
    private static readonly string[] Resources =
        [.. typeof(RedisScript).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(RedisScript.ResourceSuffix, StringComparison.Ordinal))];

    private static IEnumerable<string> Names =>
        Resources.Select(resource => resource[RedisScript.ResourcePrefix.Length..^RedisScript.ResourceSuffix.Length]).Order(
            StringComparer.Ordinal);

    [Test]
    public void Scripts_Embedded_AreTheFilesOfTheFolder()
    {
        Assert.That(Names, Is.EqualTo(new[]
        {
            "claim-labels", "claim-transactions", "compact-attempts", "erase-profile", "find-generation", "find-or-park-label",
            "read-freshness", "replace-corrupt-profile", "report-freshness", "rotate-secret", "unpark-label", "write-buckets",
        }));
        Assert.That(Directory.GetFiles(RepositoryFiles.Path("src"), "*.lua", SearchOption.AllDirectories).Where(IsSource)
            .Select(Path.GetFileNameWithoutExtension), Is.EquivalentTo(Names));
    }

    [TestCaseSource(nameof(Names))]
    public void Script_AtTheTop_StatesItsGuarantees(string name)
    {
        var top = File.ReadLines(RepositoryFiles.Path("src", "FraudScoring.Server", "Features", "Scripts", name + ".lua"))
            .TakeWhile(line => line.StartsWith("--", StringComparison.Ordinal)).ToList();
        foreach (var part in new[] { "-- KEYS    ", "-- ARGV    ", "-- Result  ", "-- Guarantees" })
        {
            Assert.That(top.Count(line => line.StartsWith(part, StringComparison.Ordinal)), Is.EqualTo(1), part);
        }
        var guarantees = string.Join('\n', top.SkipWhile(line => line != "-- Guarantees"));
        Assert.That(guarantees, Does.Contain("--   Atomic").And.Match("--   (Idempotent|Not idempotent): "));
    }

    [TestCaseSource(nameof(Names))]
    public void Script_IsUsed_Once(string name) => Assert.That(
        Directory.GetFiles(RepositoryFiles.Path("src"), "*.cs", SearchOption.AllDirectories).Where(IsSource)
            .Count(file => File.ReadAllText(file).Contains($"RedisScript.Load(\"{name}\")", StringComparison.Ordinal)),
        Is.EqualTo(1));

    [TestCaseSource(nameof(Names))]
    public void Load_LeavesCommentsOut_AndNothingElse(string name)
    {
        var lines = RedisScript.Load(name).Split('\n');
        var code = File.ReadLines(RepositoryFiles.Path("src", "FraudScoring.Server", "Features", "Scripts", name + ".lua"))
            .Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal));
        Assert.That(lines, Is.EqualTo(code));
    }

    [Test]
    public void Load_OfNoScript_NamesIt() => Assert.That(
        () => RedisScript.Load("no-such-script"), Throws.InvalidOperationException.With.Message.Contains(
            "Features.Scripts.no-such-script.lua"));

    [Test]
    public void Sources_HaveNoLuaOfTheirOwn() => Assert.That(
        Directory.GetFiles(RepositoryFiles.Path("src"), "*.cs", SearchOption.AllDirectories).Where(IsSource)
            .Where(file => File.ReadAllText(file).Contains("redis.call", StringComparison.Ordinal)), Is.Empty);

    private static bool IsSource(string path) =>
        !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        && !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
