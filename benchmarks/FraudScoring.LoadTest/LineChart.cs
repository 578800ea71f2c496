using System.Globalization;
using System.Security;
using System.Text;

namespace FraudScoring.LoadTest;

/// <summary>An axis of a chart.</summary>
/// <param name="Title">What it shows, with the unit.</param>
/// <param name="Ticks">Labelled values, ascending; the first and the last are its ends.</param>
/// <param name="IsLogarithmic">Whether equal distances are equal ratios.</param>
internal sealed record ChartAxis(string Title, IReadOnlyList<(double Value, string Label)> Ticks, bool IsLogarithmic = false)
{
    private static readonly double[] Steps = [1, 2, 5, 10];

    /// <summary>A linear axis from 0 to a round number that is not below the greatest value.</summary>
    public static ChartAxis Linear(string title, double greatest)
    {
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(greatest, 1e-9) / 5)));
        var step = magnitude * Steps.First(step => step * magnitude * 5 >= greatest);
        return new ChartAxis(title, [.. Enumerable.Range(0, 6).Select(i => Tick(i * step))]);
    }

    /// <summary>A logarithmic axis over whole powers of ten.</summary>
    public static ChartAxis Logarithmic(string title, double least, double greatest)
    {
        var (low, high) = ((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Math.Log10(greatest)));
        return new ChartAxis(
            title, [.. Enumerable.Range(low, Math.Max(2, high - low + 1)).Select(power => Tick(Math.Pow(10, power)))], IsLogarithmic: true);
    }

    /// <summary>The place of a value, 0 to 1.</summary>
    public double Place(double value)
    {
        var (low, high) = (Scale(Ticks[0].Value), Scale(Ticks[^1].Value));
        return Math.Clamp((Scale(value) - low) / (high - low), 0, 1);
    }

    private double Scale(double value) => IsLogarithmic ? Math.Log10(value) : value;

    private static (double Value, string Label) Tick(double value) => (value, value.ToString("#,0.###", CultureInfo.InvariantCulture));
}

/// <summary>A line of a chart.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Points">Its points; those without a finite value are left out.</param>
/// <param name="Colour">Which colour it has.</param>
/// <param name="Dash">Which dash pattern it has.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points, int Colour, int Dash = 0);

/// <summary>An SVG chart of lines.</summary>
/// <remarks>
/// Hand-written because OxyPlot.Core would replace no more than the axes, and its SVG output lacks role, aria-label and viewBox and cuts
/// off title and legend in renderers without dominant-baseline.
/// </remarks>
internal static class LineChart
{
    private const int Left = 80, Top = 50, PlotWidth = 620, PlotHeight = 380, LegendWidth = 280, Bottom = 60;

    // Distinguishable with any color vision deficiency (Okabe and Ito, 2008).
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];
    private static readonly string[] Dashes = ["", "7 4", "2 3"];

    public static string Svg(string title, ChartAxis x, ChartAxis y, IReadOnlyList<ChartLine> lines)
    {
        int width = Left + PlotWidth + LegendWidth, height = Top + PlotHeight + Bottom;
        var svg = new StringBuilder();
        void Add(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        var attributes = $"""role="img" aria-label="{title}" font-family="sans-serif" font-size="13" """;
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {attributes}>""");
        Add($"""<rect width="{width}" height="{height}" fill="#ffffff"/>""");
        Add($"""<text x="{Left}" y="28" font-size="16" font-weight="bold">{title}</text>""");
        foreach (var (value, label) in y.Ticks)
        {
            var at = Top + (PlotHeight * (1 - y.Place(value)));
            Add($"""<line x1="{Left}" y1="{at:0.##}" x2="{Left + PlotWidth}" y2="{at:0.##}" stroke="#dddddd"/>""");
            Add($"""<text x="{Left - 8}" y="{at + 4:0.##}" text-anchor="end">{label}</text>""");
        }
        foreach (var (value, label) in x.Ticks)
        {
            var at = Left + (PlotWidth * x.Place(value));
            Add($"""<text x="{at:0.##}" y="{Top + PlotHeight + 20}" text-anchor="middle">{label}</text>""");
        }
        Add($"""<path d="M{Left},{Top} V{Top + PlotHeight} H{Left + PlotWidth}" fill="none" stroke="#333333"/>""");
        Add($"""<text x="{Left + (PlotWidth / 2)}" y="{Top + PlotHeight + 44}" text-anchor="middle">{x.Title}</text>""");
        const int middle = Top + (PlotHeight / 2);
        Add($"""<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">{y.Title}</text>""");
        foreach (var (place, line) in lines.Index())
        {
            var (colour, dash) = (Colours[line.Colour % Colours.Length], Dashes[line.Dash % Dashes.Length]);
            var style = $"""fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" """.TrimEnd();
            var points = line.Points.Where(point => double.IsFinite(point.Y)).Select(point => FormattableString.Invariant(
                $"{Left + (PlotWidth * x.Place(point.X)):0.##},{Top + (PlotHeight * (1 - y.Place(point.Y))):0.##}"));
            Add($"""<polyline points="{string.Join(' ', points)}" {style}/>""");
            int legend = Left + PlotWidth + 20, row = Top + 10 + (22 * place);
            Add($"""<path d="M{legend},{row} h30" {style}/>""");
            Add($"""<text x="{legend + 38}" y="{row + 4}">{SecurityElement.Escape(line.Name)}</text>""");
        }
        return svg.Append("</svg>\n").ToString();
    }
}
