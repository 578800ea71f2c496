using System.Globalization;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Tests.Training.Export;

/// <summary>Reference results of other tools, from the tests' Oracles folder.</summary>
internal static class OracleFiles
{
    public static string Path(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = System.IO.Path.Combine(folder.FullName, "tests", "FraudScoring.Tests", "Oracles", name);
            if (File.Exists(path))
            {
                return path;
            }
        }
        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} contains tests/FraudScoring.Tests/Oracles/{name}.");
    }

    public static string Text(string name) => File.ReadAllText(Path(name));

    /// <summary>A column of a table; empty cells are NaN.</summary>
    public static double[] Column(string name, string column)
    {
        var lines = File.ReadAllLines(Path(name));
        var at = Array.IndexOf(lines[0].Split(','), column);
        return [.. lines.Skip(1).Select(line => Number(line.Split(',')[at]))];
    }

    /// <summary>A table of features as rows without labels.</summary>
    public static TrainingMatrix Rows(string name)
    {
        var lines = File.ReadAllLines(Path(name));
        var builder = new TrainingMatrixBuilder(lines[0].Split(','));
        foreach (var line in lines.Skip(1))
        {
            builder.Add(Array.ConvertAll(line.Split(','), cell => (float)Number(cell)), 0);
        }
        return builder.Build();
    }

    private static double Number(string cell) => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture);
}
