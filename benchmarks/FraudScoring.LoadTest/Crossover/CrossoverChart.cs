namespace FraudScoring.LoadTest.Crossover;

/// <summary>
/// An SVG chart of the time per row over the rows per run, on logarithmic axes. Each ensemble has a color, each device a dash pattern.
/// </summary>
internal static class CrossoverChart
{
    public static string Svg(IReadOnlyList<CrossoverCell> cells)
    {
        var devices = cells.Select(cell => cell.Device).Distinct().ToList();
        var rows = new ChartAxis(
            "rows per run", [.. cells.Select(cell => cell.Rows).Distinct().Select(count => ((double)count, $"{count}"))],
            IsLogarithmic: true);
        var time = ChartAxis.Logarithmic(
            "µs per row", cells.Min(cell => cell.MicrosecondsPerRow), cells.Max(cell => cell.MicrosecondsPerRow));
        var lines = cells.GroupBy(cell => (cell.Shape, cell.Device)).Select(line => new ChartLine(
            $"{line.Key.Shape} trees, {line.Key.Device}", [.. line.Select(cell => ((double)cell.Rows, cell.MicrosecondsPerRow))],
            EnsembleShape.All.Index().First(one => one.Item == line.Key.Shape).Index, devices.IndexOf(line.Key.Device)));
        return LineChart.Svg("Time per row, by rows per run", rows, time, [.. lines]);
    }
}
