using System.Globalization;
using System.Xml.Linq;

namespace FraudScoring.Training.Reports;

/// <summary>An SVG plot with two axes, inline in a page or as a file. Coordinates are in axis units.</summary>
/// <remarks>
/// Hand-written because OxyPlot.Core's SVG output is worse for these reports, and no shorter: it has no role, aria-label, viewBox or
/// tooltip per point; it starts with an external DTD; its clip-path ids repeat when several plots share a page; and it lays out text by
/// built-in Arial widths and dominant-baseline, so that titles and legends are cut off with other fonts and renderers.
/// </remarks>
internal sealed class SvgPlot
{
    public const string Faint = "#d9dde3", Ink = "#1c2330", Muted = "#667080";
    private const double Bottom = 40;

    private readonly (double Least, double Most) _x;
    private readonly (double Least, double Most) _y;
    private readonly double _width;
    private readonly double _height;
    private readonly double _left;
    private readonly XElement _svg;

    public SvgPlot(
        double width, double height, (double Least, double Most) x, (double Least, double Most) y, string label, double left = 52)
    {
        (_width, _height, _x, _y, _left) = (width, height, x, y, left);
        _svg = new XElement("svg", new XAttribute("viewBox", Text($"0 0 {width} {height}")), new XAttribute("width", width),
            new XAttribute("height", height), new XAttribute("role", "img"), new XAttribute("aria-label", label));
    }

    /// <summary>Margin above the plot, in pixels.</summary>
    public double Top { get; init; } = 12;

    /// <summary>Margin right of the plot, in pixels; the legend of <see cref="LineName"/> is drawn there.</summary>
    public double Right { get; init; } = 14;

    /// <summary>Draws the x axis with round ticks and grid lines.</summary>
    public SvgPlot AxisBelow(string text, string format = "0.##")
    {
        foreach (var tick in Ticks(_x))
        {
            Add("line", ("x1", X(tick)), ("x2", X(tick)), ("y1", Top), ("y2", _height - Bottom)).SetAttributeValue("stroke", Faint);
            Label(X(tick), _height - Bottom + 15, tick.ToString(format, CultureInfo.InvariantCulture), "middle");
        }
        return NameBelow(text);
    }

    /// <summary>Writes the title of the x axis, without ticks.</summary>
    public SvgPlot NameBelow(string text)
    {
        Label((_left + _width - Right) / 2, _height - 6, text, "middle");
        return this;
    }

    /// <summary>Draws the y axis with round ticks and grid lines.</summary>
    public SvgPlot AxisLeft(string text, string format = "0.##")
    {
        foreach (var tick in Ticks(_y))
        {
            Add("line", ("x1", _left), ("x2", _width - Right), ("y1", Y(tick)), ("y2", Y(tick))).SetAttributeValue("stroke", Faint);
            Label(_left - 6, Y(tick) + 4, tick.ToString(format, CultureInfo.InvariantCulture), "end");
        }
        var middle = (Top + _height - Bottom) / 2;
        Label(13, middle, text, "middle").SetAttributeValue("transform", Text($"rotate(-90 13 {middle:0.##})"));
        return this;
    }

    /// <summary>Labels a position on the y axis.</summary>
    public SvgPlot RowName(double y, string name, string colour)
    {
        Label(_left - 8, Y(y) + 4, name, "end").SetAttributeValue("fill", colour);
        return this;
    }

    /// <summary>Labels a position on the x axis.</summary>
    public SvgPlot ColumnName(double x, string name)
    {
        Label(X(x), _height - Bottom + 15, name, "middle");
        return this;
    }

    /// <summary>A line through points. Points closer than a pixel to the last drawn one are skipped, except the end.</summary>
    /// <remarks>A precision-recall curve has a point per distinct score; skipping keeps the page small.</remarks>
    public SvgPlot Line(IEnumerable<(double X, double Y)> points, string colour, bool dashed = false)
    {
        var path = new List<string>();
        (double X, double Y) last = (double.NaN, double.NaN), skipped = last;
        foreach (var (x, y) in points)
        {
            (double X, double Y) at = (X(x), Y(y));
            skipped = at;
            if (!(Math.Abs(at.X - last.X) + Math.Abs(at.Y - last.Y) < 0.8))
            {
                path.Add(Text($"{at.X:0.#} {at.Y:0.#}"));
                last = at;
            }
        }
        if (path.Count > 0 && skipped != last)
        {
            path.Add(Text($"{skipped.X:0.#} {skipped.Y:0.#}"));
        }
        var line = Add("path");
        line.SetAttributeValue("d", "M" + string.Join('L', path));
        line.SetAttributeValue("fill", "none");
        Stroke(line, colour, dashed);
        return this;
    }

    /// <summary>Adds a legend entry right of the plot, at the given row.</summary>
    public SvgPlot LineName(int place, string name, string colour, bool dashed = false)
    {
        var (x, y) = (_width - Right + 20, Top + 10 + (place * 24));
        Stroke(Add("line", ("x1", x), ("x2", x + 28), ("y1", y), ("y2", y)), colour, dashed);
        Label(x + 36, y + 4, name, "start").SetAttributeValue("fill", Ink);
        return this;
    }

    /// <summary>A dot with a tooltip.</summary>
    public SvgPlot Dot(double x, double y, string colour, string title)
    {
        var dot = Add("circle", ("cx", X(x)), ("cy", Y(y)), ("r", 3.6));
        dot.SetAttributeValue("fill", colour);
        dot.Add(new XElement("title", title));
        return this;
    }

    /// <summary>A rectangle between two corners, with a tooltip.</summary>
    public SvgPlot Box(double x1, double x2, double y1, double y2, string colour, string title)
    {
        var box = Add("rect", ("x", Math.Min(X(x1), X(x2))), ("y", Math.Min(Y(y1), Y(y2))),
            ("width", Math.Abs(X(x2) - X(x1))), ("height", Math.Abs(Y(y2) - Y(y1))));
        box.SetAttributeValue("fill", colour);
        box.Add(new XElement("title", title));
        return this;
    }

    /// <summary>A text next to a point.</summary>
    public SvgPlot Note(double x, double y, string text, string anchor = "start", string colour = Muted)
    {
        Label(X(x), Y(y) + 4, text, anchor).SetAttributeValue("fill", colour);
        return this;
    }

    /// <summary>The plot as an HTML figure with a caption.</summary>
    public XElement Figure(string caption) => new("figure", new XElement("figcaption", caption), _svg);

    /// <summary>The plot as an SVG file, on white and with its label as title. Deterministic: equal plots have equal bytes.</summary>
    public string ToFile()
    {
        XNamespace space = "http://www.w3.org/2000/svg";
        var svg = new XElement(_svg);
        svg.AddFirst(
            new XElement("rect", new XAttribute("width", _width), new XAttribute("height", _height), new XAttribute("fill", "#ffffff")),
            new XElement("text", new XAttribute("x", _left), new XAttribute("y", 28), new XAttribute("font-size", 16),
                new XAttribute("font-weight", "bold"), new XAttribute("fill", Ink), svg.Attribute("aria-label")!.Value));
        svg.SetAttributeValue("font-family", "sans-serif");
        svg.SetAttributeValue("font-size", 13);
        foreach (var element in svg.DescendantsAndSelf())
        {
            element.Name = space + element.Name.LocalName;
        }
        return svg.ToString().ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>A range around the finite numbers, with a margin of 6 % of their span but at least <paramref name="least"/>.</summary>
    public static (double Least, double Most) Around(IEnumerable<double> numbers, double least)
    {
        var known = numbers.Where(double.IsFinite).ToList();
        var (low, high) = known.Count == 0 ? (0, 0) : (known.Min(), known.Max());
        var room = Math.Max((high - low) * 0.06, least);
        return (low - room, high + room);
    }

    /// <summary>Round numbers (1, 2 or 5 times a power of ten apart) within a range, about five of them.</summary>
    internal static IEnumerable<double> Ticks((double Least, double Most) range)
    {
        var rough = (range.Most - range.Least) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        for (var i = (long)Math.Ceiling((range.Least / step) - 1e-9); i * step <= range.Most + (step * 1e-9); i++)
        {
            yield return i * step;
        }
    }

    private double X(double x) => _left + ((Math.Clamp(x, _x.Least, _x.Most) - _x.Least) / (_x.Most - _x.Least) * (_width - _left - Right));

    private double Y(double y) =>
        _height - Bottom - ((Math.Clamp(y, _y.Least, _y.Most) - _y.Least) / (_y.Most - _y.Least) * (_height - Top - Bottom));

    private static void Stroke(XElement line, string colour, bool dashed)
    {
        line.SetAttributeValue("stroke", colour);
        line.SetAttributeValue("stroke-width", dashed ? "1.2" : "1.8");
        if (dashed)
        {
            line.SetAttributeValue("stroke-dasharray", "5 4");
        }
    }

    private XElement Label(double x, double y, string text, string anchor)
    {
        var label = Add("text", ("x", x), ("y", y));
        label.SetAttributeValue("text-anchor", anchor);
        label.SetAttributeValue("fill", Muted);
        label.Add(text);
        return label;
    }

    private XElement Add(string name, params ReadOnlySpan<(string Name, double Value)> attributes)
    {
        var element = new XElement(name);
        foreach (var (attribute, value) in attributes)
        {
            element.SetAttributeValue(attribute, Text($"{value:0.##}"));
        }
        _svg.Add(element);
        return element;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
