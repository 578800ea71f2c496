using System.Globalization;
using System.Text.Json;

namespace FraudScoring.Tests.Core.Statistics;

/// <summary>Payments with scores, some of them tied, and reference results of scikit-learn.</summary>
internal sealed class MetricOracle
{
    private readonly JsonElement _expected;

    public MetricOracle()
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Oracles", "metrics");
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        _expected = document.RootElement.Clone();
        var rows = File.ReadLines(Path.Combine(folder, "scores.csv")).Skip(1).Select(line => line.Split(',')).ToArray();
        Days = Array.ConvertAll(rows, row => int.Parse(row[0], CultureInfo.InvariantCulture));
        Cards = Array.ConvertAll(rows, row => long.Parse(row[1], CultureInfo.InvariantCulture));
        Labels = Array.ConvertAll(rows, row => row[2] == "1");
        Scores = Array.ConvertAll(rows, row => double.Parse(row[3], CultureInfo.InvariantCulture));
    }

    public int[] Days { get; }

    public long[] Cards { get; }

    public bool[] Labels { get; }

    public double[] Scores { get; }

    public double this[string name] => _expected.GetProperty(name).GetDouble();

    public double[] Each(string name) => [.. _expected.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
