using System.Globalization;

namespace FraudScoring.Training.Reports;

/// <param name="Name">Name in the legend.</param>
/// <param name="Points">One value per step of the chart, with the half-width of its error bar.</param>
/// <param name="IsDashed">True for a bound: a dashed line without error bars or printed values.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<(double Value, double Spread)> Points, bool IsDashed = false);

/// <summary>
/// An SVG line chart with values from 0 to 1 over equally spaced steps. Rendering is deterministic: equal charts have equal bytes.
/// </summary>
/// <param name="Title">Title above the chart.</param>
/// <param name="Across">Title of the x axis.</param>
/// <param name="Up">Title of the y axis.</param>
/// <param name="Steps">Names of the steps, from left to right.</param>
/// <param name="Lines">At least one.</param>
internal sealed record LineChart(string Title, string Across, string Up, IReadOnlyList<string> Steps, IReadOnlyList<ChartLine> Lines)
{
    // Distinguishable with any colour vision deficiency (Okabe and Ito, 2008).
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#555555", "#CC79A7", "#56B4E9"];

    // ToValue: distance from the end of an error bar to the printed value. Crowded: if another line runs closer than this above a point,
    // the value is printed below the point instead.
    private const double ToValue = 0.035, Crowded = 0.13;

    /// <summary>Renders the chart as an SVG file.</summary>
    public string ToSvg()
    {
        // The axis ends above 1 to leave room for the values printed over the points.
        var plot = new SvgPlot(860, 460, (0, Steps.Count), (0, 1.05), Title, left: 70) { Top = 50, Right = 230 }
            .NameBelow(Across).AxisLeft(Up, "0.0");
        foreach (var (step, name) in Steps.Index())
        {
            plot.ColumnName(Middle(step), name);
        }
        foreach (var (place, line) in Lines.Index())
        {
            var colour = Colours[place % Colours.Length];
            AddLine(plot, line, colour);
            plot.LineName(place, line.Name, colour, line.IsDashed);
        }
        return plot.ToFile();
    }

    private void AddLine(SvgPlot plot, ChartLine line, string colour)
    {
        plot.Line(line.Points.Select((point, step) => (Middle(step), point.Value)), colour, line.IsDashed);
        foreach (var (step, (value, spread)) in line.Points.Index())
        {
            var (x, text) = (Middle(step), value.ToString("0.000", CultureInfo.InvariantCulture));
            plot.Dot(x, value, colour, $"{line.Name}, {Steps[step]}: {text}");
            if (!line.IsDashed)
            {
                var isCrowded = Lines.Any(other => other.Points[step].Value - value is > 0 and < Crowded);
                var height = isCrowded ? value - spread - ToValue : value + spread + ToValue;
                plot.Line([(x, value - spread), (x, value + spread)], colour).Note(x, height, text, "middle", colour);
            }
        }
    }

    private static double Middle(int step) => step + 0.5;
}
