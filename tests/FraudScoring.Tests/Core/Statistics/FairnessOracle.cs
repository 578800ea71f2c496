using System.Text.Json;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

/// <summary>Decisions in four groups with reference results of Fairlearn and SciPy.</summary>
internal sealed class FairnessOracle
{
    private readonly JsonElement _expected;

    public FairnessOracle()
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Oracles", "fairness");
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        _expected = document.RootElement.Clone();
        foreach (var row in File.ReadLines(Path.Combine(folder, "decisions.csv")).Skip(1).Select(line => line.Split(',')))
        {
            Groups[row[0]] = Groups.GetValueOrDefault(row[0]).With(row[1] == "1", row[2] == "1");
        }
    }

    public SortedDictionary<string, GroupOutcomes> Groups { get; } = new(StringComparer.Ordinal);

    public double this[string name] => _expected.GetProperty(name).GetDouble();

    public double Find(string group, string name) => Group(group).GetProperty(name).GetDouble();

    public double[] IntervalOf(string group) =>
        [.. Group(group).GetProperty("false_positive_rate_wilson_95").EnumerateArray().Select(bound => bound.GetDouble())];

    private JsonElement Group(string group) => _expected.GetProperty("groups").GetProperty(group);
}
