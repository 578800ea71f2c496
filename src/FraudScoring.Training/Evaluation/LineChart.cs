using System.Globalization;
using System.Security;
using System.Text;

namespace FraudScoring.Training.Evaluation;

/// <summary>One line of a chart.</summary>
/// <param name="Name">As the legend tells it.</param>
/// <param name="Points">A value and how far it spreads to both sides, one per step of the chart.</param>
/// <param name="IsDashed">A bound rather than a result.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<(double Value, double Spread)> Points, bool IsDashed = false);

/// <summary>
/// Lines over steps, drawn as SVG: values from 0 to 1, steps at equal distances. The same chart gives the same bytes.
/// </summary>
/// <param name="Title">Above the chart.</param>
/// <param name="Across">What the steps are.</param>
/// <param name="Up">What the values are.</param>
/// <param name="Steps">The steps' names.</param>
/// <param name="Lines">At least one.</param>
internal sealed record LineChart(string Title, string Across, string Up, IReadOnlyList<string> Steps, IReadOnlyList<ChartLine> Lines)
{
    private const int Left = 70, Top = 50, PlotWidth = 560, PlotHeight = 340, LegendWidth = 230, Bottom = 70;
    private const int Marks = 10;

    /// <summary>Colours that colour-blind readers can tell apart (Okabe and Ito, 2008).</summary>
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#555555", "#CC79A7", "#56B4E9"];

    /// <summary>The whole file.</summary>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        int width = Left + PlotWidth + LegendWidth, height = Top + PlotHeight + Bottom;
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">""");
        Line(svg, $"""<rect width="{width}" height="{height}" fill="#ffffff"/>""");
        Text(svg, Left, 28, "start", Title, """ font-size="16" font-weight="bold" """);
        AddAxes(svg);
        for (var line = 0; line < Lines.Count; line++)
        {
            AddLine(svg, Lines[line], Colours[line % Colours.Length]);
            AddLegend(svg, line, Lines[line], Colours[line % Colours.Length]);
        }
        return svg.Append("</svg>\n").ToString();
    }

    private void AddAxes(StringBuilder svg)
    {
        for (var mark = 0; mark <= Marks; mark++)
        {
            var value = mark / (double)Marks;
            Line(svg, $"""<line x1="{Left}" y1="{Y(value):0.##}" x2="{Left + PlotWidth}" y2="{Y(value):0.##}" stroke="{(mark == 0 ? "#333333" : "#dddddd")}"/>""");
            Text(svg, Left - 8, Y(value) + 4, "end", value.ToString("0.0", CultureInfo.InvariantCulture));
        }
        Line(svg, $"""<line x1="{Left}" y1="{Top}" x2="{Left}" y2="{Top + PlotHeight}" stroke="#333333"/>""");
        for (var step = 0; step < Steps.Count; step++)
        {
            Line(svg, $"""<line x1="{X(step):0.##}" y1="{Top + PlotHeight}" x2="{X(step):0.##}" y2="{Top + PlotHeight + 6}" stroke="#333333"/>""");
            Text(svg, X(step), Top + PlotHeight + 22, "middle", Steps[step]);
        }
        Text(svg, Left + (PlotWidth / 2.0), Top + PlotHeight + 48, "middle", Across);
        double middle = Top + (PlotHeight / 2.0);
        Text(svg, 22, middle, "middle", Up, string.Create(CultureInfo.InvariantCulture, $""" transform="rotate(-90 22 {middle:0.##})" """));
    }

    private void AddLine(StringBuilder svg, ChartLine line, string colour)
    {
        var points = string.Join(' ', line.Points.Select((point, step) => string.Create(CultureInfo.InvariantCulture, $"{X(step):0.##},{Y(point.Value):0.##}")));
        Line(svg, $"""<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{Dashes(line)}/>""");
        for (var step = 0; step < line.Points.Count; step++)
        {
            var (value, spread) = line.Points[step];
            Line(svg, $"""<circle cx="{X(step):0.##}" cy="{Y(value):0.##}" r="{(line.IsDashed ? 2 : 4)}" fill="{colour}"/>""");
            if (!line.IsDashed)
            {
                Line(svg, $"""<line x1="{X(step):0.##}" y1="{Y(value + spread):0.##}" x2="{X(step):0.##}" y2="{Y(value - spread):0.##}" stroke="{colour}"/>""");
                Text(svg, X(step), Y(value) - 9, "middle", value.ToString("0.000", CultureInfo.InvariantCulture), $""" fill="{colour}" font-size="11" """);
            }
        }
    }

    private static void AddLegend(StringBuilder svg, int place, ChartLine line, string colour)
    {
        int x = Left + PlotWidth + 20, y = Top + 10 + (place * 24);
        Line(svg, $"""<line x1="{x}" y1="{y}" x2="{x + 28}" y2="{y}" stroke="{colour}" stroke-width="2"{Dashes(line)}/>""");
        Text(svg, x + 36, y + 4, "start", line.Name);
    }

    private static string Dashes(ChartLine line) => line.IsDashed ? """ stroke-dasharray="6 4" """.TrimEnd() : "";

    private double X(int step) => Left + (PlotWidth * (step + 0.5) / Steps.Count);

    private static double Y(double value) => Top + (PlotHeight * (1 - Math.Clamp(value, 0, 1)));

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(FormattableString.Invariant(line)).Append('\n');

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text, string style = "") =>
        Line(svg, $"""<text x="{x:0.##}" y="{y:0.##}" text-anchor="{anchor}"{style.TrimEnd()}>{SecurityElement.Escape(text)}</text>""");
}
