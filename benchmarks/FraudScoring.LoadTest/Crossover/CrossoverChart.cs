using System.Globalization;
using System.Text;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>
/// An SVG chart of the time per row over the rows per run, on logarithmic axes. Each ensemble has a color, each device a dash pattern.
/// </summary>
/// <remarks>
/// Hand-written because OxyPlot.Core would replace no more than the axes, and its SVG output lacks role, aria-label and viewBox and cuts
/// off title and legend in renderers without dominant-baseline.
/// </remarks>
internal sealed class CrossoverChart(IReadOnlyList<CrossoverCell> cells)
{
    private const int Left = 80, Top = 50, PlotWidth = 620, PlotHeight = 380, LegendWidth = 280, Bottom = 60;

    // Distinguishable with any color vision deficiency (Okabe and Ito, 2008).
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"];
    private static readonly string[] Dashes = ["", "7 4", "2 3"];

    private readonly int _lowest = (int)Math.Floor(Math.Log10(cells.Min(cell => cell.MicrosecondsPerRow)));
    private readonly int _highest = (int)Math.Ceiling(Math.Log10(cells.Max(cell => cell.MicrosecondsPerRow)));
    private readonly StringBuilder _svg = new();

    public string ToSvg()
    {
        int width = Left + PlotWidth + LegendWidth, height = Top + PlotHeight + Bottom;
        const string title = "Time per row, by rows per run";
        const string attributes = $"""role="img" aria-label="{title}" font-family="sans-serif" font-size="13" """;
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {attributes}>""");
        Line($"""<rect width="{width}" height="{height}" fill="#ffffff"/>""");
        Line($"""<text x="{Left}" y="28" font-size="16" font-weight="bold">{title}</text>""");
        AddAxes();
        foreach (var (place, line) in cells.GroupBy(cell => (cell.Shape, cell.Device)).Index())
        {
            AddLine(place, line.Key.Shape, line.Key.Device, [.. line]);
        }
        return _svg.Append("</svg>\n").ToString();
    }

    private void AddAxes()
    {
        for (var power = _lowest; power <= _highest; power++)
        {
            var y = Y(Math.Pow(10, power));
            Line($"""<line x1="{Left}" y1="{y:0.##}" x2="{Left + PlotWidth}" y2="{y:0.##}" stroke="#dddddd"/>""");
            Line($"""<text x="{Left - 8}" y="{y + 4:0.##}" text-anchor="end">{Math.Pow(10, power):#,0.###}</text>""");
        }
        foreach (var rows in cells.Select(cell => cell.Rows).Distinct())
        {
            Line($"""<text x="{X(rows):0.##}" y="{Top + PlotHeight + 20}" text-anchor="middle">{rows}</text>""");
        }
        Line($"""<path d="M{Left},{Top} V{Top + PlotHeight} H{Left + PlotWidth}" fill="none" stroke="#333333"/>""");
        Line($"""<text x="{Left + (PlotWidth / 2)}" y="{Top + PlotHeight + 44}" text-anchor="middle">rows per run</text>""");
        var middle = Top + (PlotHeight / 2);
        Line($"""<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">µs per row</text>""");
    }

    private void AddLine(int place, EnsembleShape shape, string device, CrossoverCell[] line)
    {
        var colour = Colours[EnsembleShape.All.Index().First(one => one.Item == shape).Index % Colours.Length];
        var devices = cells.Select(cell => cell.Device).Distinct().ToList();
        var dash = Dashes[devices.IndexOf(device) % Dashes.Length];
        var style = FormattableString.Invariant($"""fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" """).TrimEnd();
        var points = string.Join(
            ' ', line.Select(cell => FormattableString.Invariant($"{X(cell.Rows):0.##},{Y(cell.MicrosecondsPerRow):0.##}")));
        Line($"""<polyline points="{points}" {style}/>""");
        int x = Left + PlotWidth + 20, y = Top + 10 + (22 * place);
        Line($"""<path d="M{x},{y} h30" {style}/>""");
        Line($"""<text x="{x + 38}" y="{y + 4}">{shape} trees, {device}</text>""");
    }

    private static double X(int rows) => Left + (PlotWidth * (0.5 + Math.Log2(rows)) / CrossoverSweep.Batches.Count);

    private double Y(double value) => Top + (PlotHeight * (_highest - Math.Log10(value)) / Math.Max(1, _highest - _lowest));

    private void Line(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
