using System.Globalization;

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
    /// <summary>Colours that colour-blind readers can tell apart (Okabe and Ito, 2008).</summary>
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#555555", "#CC79A7", "#56B4E9"];

    /// <summary>How far from a point's bar its value is written, and how near above it another line leaves no room for that.</summary>
    private const double ToValue = 0.035, Crowded = 0.13;

    /// <summary>The whole file.</summary>
    public string ToSvg()
    {
        // Above 1 there is room for what is written above a point and its bar.
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
                var beside = isCrowded ? value - spread - ToValue : value + spread + ToValue;
                plot.Line([(x, value - spread), (x, value + spread)], colour).Note(x, beside, text, "middle", colour);
            }
        }
    }

    private static double Middle(int step) => step + 0.5;
}
