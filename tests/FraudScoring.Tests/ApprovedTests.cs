using System.Text;

namespace FraudScoring.Tests;

/// <summary>
/// The contracts that callers, dashboards, stored profiles and recorded topics rely on, as approved texts in tests/Approved. They must only
/// change intentionally.
/// </summary>
public sealed class ApprovedTests
{
    /// <summary>If this environment variable is 1, tests overwrite the approved texts instead of comparing them.</summary>
    internal const string Approve = "FRAUDSCORING_APPROVE";

    private static readonly Dictionary<string, Func<Task<IEnumerable<string>>>> Contracts = new()
    {
        ["protos.txt"] = () => Task.FromResult(FrozenContracts.Protos()),
        ["options.txt"] = () => Task.FromResult(FrozenContracts.Options()),
        ["metrics.txt"] = FrozenContracts.Metrics,
        ["log-events.txt"] = () => Task.FromResult(FrozenContracts.LogEvents()),
        ["topics.txt"] = () => Task.FromResult(FrozenContracts.Topics()),
        ["redis-keys.txt"] = () => Task.FromResult(FrozenContracts.RedisKeys()),
        ["features.txt"] = () => Task.FromResult(FrozenContracts.Features()),
        ["reason-codes.txt"] = () => Task.FromResult(FrozenContracts.ReasonCodes()),
        ["stages.txt"] = () => Task.FromResult(FrozenContracts.Stages()),
    };

    internal static bool IsApproving => Environment.GetEnvironmentVariable(Approve) == "1";

    private static IEnumerable<string> Names => Contracts.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task Contract_Today_IsTheApprovedOne(string name)
    {
        var path = RepositoryFiles.Path("tests", "Approved", name);
        string[] actual = [.. await Contracts[name]()];
        Assert.That(actual, Is.Not.Empty);
        if (IsApproving)
        {
            await File.WriteAllTextAsync(path, string.Join('\n', actual) + "\n", new UTF8Encoding(false));
            return;
        }
        string[] approved = File.Exists(path) ? await File.ReadAllLinesAsync(path) : [];
        if (!approved.SequenceEqual(actual))
        {
            Assert.Fail(Difference(name, approved, actual));
        }
    }

    [Test]
    public void Approved_Files_AreAllCompared() => Assert.That(
        Directory.GetFiles(RepositoryFiles.Path("tests", "Approved")).Select(Path.GetFileName), Is.EquivalentTo(Contracts.Keys));

    private static string Difference(string name, string[] approved, string[] actual)
    {
        var text = new StringBuilder($"tests/Approved/{name} differs from the code:\n");
        foreach (var line in approved.Except(actual))
        {
            text.Append("  - ").Append(line).Append('\n');
        }
        foreach (var line in actual.Except(approved))
        {
            text.Append("  + ").Append(line).Append('\n');
        }
        if (approved.Except(actual).Concat(actual.Except(approved)).Any() is false)
        {
            text.Append("  the same lines in another order\n");
        }
        return text.Append("If the change is intended, approve it and commit the file: ")
            .Append($"{Approve}=1 dotnet test tests/FraudScoring.Tests --filter FullyQualifiedName~ApprovedTests").ToString();
    }
}
