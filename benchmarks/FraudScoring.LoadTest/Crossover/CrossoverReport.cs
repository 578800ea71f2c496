using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>Writes the measurements as Markdown, as CSV and as a chart.</summary>
/// <param name="Cells">The measurements.</param>
/// <param name="Missing">Why no GPU was measured; null if one was.</param>
internal sealed record CrossoverReport(IReadOnlyList<CrossoverCell> Cells, string? Missing)
{
    private string[] Devices => [.. Cells.Select(cell => cell.Device).Distinct()];

    /// <summary>One sentence on whether a GPU was measured.</summary>
    public string Gpu => Missing is null ? "A GPU was measured." : $"No GPU was measured on this machine: {Missing}.";

    /// <summary>Writes the three files and returns their paths.</summary>
    public IReadOnlyList<string> WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        (string Name, string Text)[] files =
        [
            ("crossover.md", Markdown()), ("crossover.csv", Csv()), ("crossover.svg", CrossoverChart.Svg(Cells)),
        ];
        return [.. files.Select(file =>
        {
            var path = Path.Combine(folder, file.Name);
            File.WriteAllText(path, file.Text);
            return path;
        })];
    }

    /// <summary>One table per ensemble, with a row per batch size and columns per device. The fastest device is bold.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("# At which batch size does a GPU pay off?\n\n");
        text.Append("`dotnet run -c Release --project benchmarks/FraudScoring.LoadTest -- crossover`; ");
        text.Append(Invariant($"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, "));
        text.Append(Invariant($"{RuntimeInformation.FrameworkDescription}. Random trees over {SampledEnsemble.Features} features, "));
        text.Append(Invariant($"grown leaf by leaf. Times are medians, in µs.\n\n{Gpu}\n"));
        foreach (var shape in EnsembleShape.All)
        {
            text.Append(Invariant($"\n## {shape.Trees:#,0} trees of depth {shape.Depth}, {shape.Leaves} leaves each\n\n| rows |"));
            text.AppendJoin('|', Devices.Select(device => $" {device}, µs per run | µs per row ")).Append("|\n|---:|");
            text.AppendJoin('|', Devices.Select(_ => "---:|---:")).Append("|\n");
            foreach (var row in Cells.Where(cell => cell.Shape == shape).GroupBy(cell => cell.Rows))
            {
                var fastest = row.Min(cell => cell.Microseconds);
                string Bold(CrossoverCell cell) => row.Count() > 1 && cell.Microseconds == fastest ? "**" : "";
                text.Append(Invariant($"| {row.Key:#,0} |"));
                text.AppendJoin('|', row.Select(cell =>
                    Invariant($" {Bold(cell)}{cell.Microseconds:#,0.0}{Bold(cell)} | {cell.MicrosecondsPerRow:#,0.00} "))).Append("|\n");
            }
        }
        return text.Append("\n![Time per row by batch](crossover.svg)\n").ToString();
    }

    private string Csv()
    {
        var text = new StringBuilder("trees,depth,leaves,device,rows,runs,median_us,us_per_row\n");
        foreach (var cell in Cells)
        {
            text.Append(Invariant($"{cell.Shape.Trees},{cell.Shape.Depth},{cell.Shape.Leaves},\"{cell.Device}\",{cell.Rows},{cell.Runs},"));
            text.Append(Invariant($"{cell.Microseconds:0.0},{cell.MicrosecondsPerRow:0.000}\n"));
        }
        return text.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
