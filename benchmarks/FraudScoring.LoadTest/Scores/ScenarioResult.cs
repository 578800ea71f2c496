using System.Globalization;
using System.Text;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Tables, sentences, charts and measurements of a scenario.</summary>
/// <param name="Name">Name of the scenario, which is also that of its files.</param>
/// <param name="Measurements">Every load.</param>
internal sealed record ScenarioResult(string Name, IReadOnlyList<Measurement> Measurements)
{
    private readonly List<(ResultTable? Table, string? Text)> _parts = [];
    private readonly List<(string File, string Svg)> _charts = [];

    public ScenarioResult With(ResultTable table)
    {
        _parts.Add((table, null));
        return this;
    }

    /// <summary>Adds a sentence.</summary>
    public ScenarioResult With(FormattableString text)
    {
        _parts.Add((null, text.ToString(CultureInfo.InvariantCulture)));
        return this;
    }

    /// <summary>Adds a chart.</summary>
    /// <param name="chart">What it shows, which is also the end of its file's name.</param>
    /// <param name="svg">The chart.</param>
    public ScenarioResult With(string chart, string svg)
    {
        _charts.Add(($"{Name}-{chart}.svg", svg));
        return this;
    }

    public void Show(IAnsiConsole console)
    {
        foreach (var (table, text) in _parts)
        {
            table?.Show(console);
            if (text is not null)
            {
                console.WriteLine(text);
            }
        }
    }

    /// <summary>Writes the measurements and the charts, and returns the section of the record.</summary>
    public string WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{Name}.csv"), MeasurementFile.Csv(Measurements));
        var section = new StringBuilder($"## {char.ToUpperInvariant(Name[0])}{Name[1..]}\n");
        foreach (var (table, text) in _parts)
        {
            section.Append('\n').Append(table?.Markdown() ?? $"{text}\n");
        }
        foreach (var (file, svg) in _charts)
        {
            File.WriteAllText(Path.Combine(folder, file), svg);
            section.Append(CultureInfo.InvariantCulture, $"\n![{Path.GetFileNameWithoutExtension(file)}]({file})\n");
        }
        return section.ToString();
    }
}
