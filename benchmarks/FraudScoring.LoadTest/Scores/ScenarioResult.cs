using System.Globalization;
using System.Text;
using FraudScoring.TestKit.Budgets;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Tables, paragraphs and charts of a scenario.</summary>
/// <param name="name">Name of the scenario, which is also that of its files.</param>
/// <param name="csv">Its measurements.</param>
internal sealed class ScenarioResult(string name, string csv)
{
    private readonly List<(ResultTable? Table, string? Text)> _parts = [];
    private readonly List<(string File, string Svg)> _charts = [];

    /// <summary>Ratios that have limits.</summary>
    public List<PairedRatio> Ratios { get; } = [];

    public ScenarioResult With(ResultTable table)
    {
        _parts.Add((table, null));
        return this;
    }

    /// <summary>Adds a paragraph.</summary>
    public ScenarioResult With(params FormattableString[] lines)
    {
        _parts.Add((null, string.Join(' ', lines.Select(line => line.ToString(CultureInfo.InvariantCulture)))));
        return this;
    }

    /// <summary>Adds a chart.</summary>
    /// <param name="chart">What it shows, which is also the end of its file's name.</param>
    /// <param name="svg">The chart.</param>
    public ScenarioResult WithChart(string chart, string svg)
    {
        _charts.Add(($"{name}-{chart}.svg", svg));
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

    /// <summary>Writes the charts and the measurements to the folder of the record, and returns the section of the record.</summary>
    public string WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{name}.csv"), csv);
        var section = new StringBuilder($"## {char.ToUpperInvariant(name[0])}{name[1..]}\n");
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
