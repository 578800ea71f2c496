using System.Globalization;
using System.Text.Json;

namespace FraudScoring.Tests.Core.Statistics;

/// <summary>Two samples of five columns with reference results of NumPy and SciPy.</summary>
internal sealed class DriftOracle
{
    public static readonly string[] Columns = ["same", "shifted", "wider", "counts", "rare"];

    private readonly JsonElement _expected;
    private readonly Dictionary<string, (double[] Reference, double[] Current)> _samples = [];

    public DriftOracle()
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Oracles", "drift");
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        _expected = document.RootElement.Clone();
        var (reference, current) = (Read(Path.Combine(folder, "reference.csv")), Read(Path.Combine(folder, "current.csv")));
        foreach (var column in Columns)
        {
            _samples.Add(column, (reference[column], current[column]));
        }
    }

    public double[] Reference(string column) => _samples[column].Reference;

    public double[] Current(string column) => _samples[column].Current;

    public double Expected(string column, string figure) => _expected.GetProperty(column).GetProperty(figure).GetDouble();

    public double[] Each(string column, string figure) =>
        [.. _expected.GetProperty(column).GetProperty(figure).EnumerateArray().Select(value => value.GetDouble())];

    private static Dictionary<string, double[]> Read(string path)
    {
        var rows = File.ReadLines(path).Select(line => line.Split(',')).ToArray();
        return rows[0].Select((name, column) => (name, column)).ToDictionary(
            c => c.name, c => rows.Skip(1).Select(row => double.Parse(row[c.column], CultureInfo.InvariantCulture)).ToArray());
    }
}
