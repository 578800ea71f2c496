using System.Xml.Linq;
using FraudScoring.Training.Reports;

namespace FraudScoring.Tests.Training.Reports;

public sealed class LineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static LineChart Chart => new("A <title> & more", "Steps (days)", "Share, 0 to 1", ["0", "1d", "7d"],
    [
        new ChartLine("First \"line\"", [(0.9, 0.05), (0.8, 0.02), (0.1, 0.3)]),
        new ChartLine("Bound", [(1, 0), (0.95, 0), (0.9, 0)], IsDashed: true),
    ]);

    [Test]
    public void ToSvg_Chart_IsWellFormedAndSaysWhatItShows()
    {
        var root = XDocument.Parse(Chart.ToSvg()).Root!;
        var texts = root.Elements(Svg + "text").Select(text => text.Value).ToList();
        Assert.That(root.Name, Is.EqualTo(Svg + "svg"));
        Assert.That(texts, Is.SupersetOf(new[]
        {
            "A <title> & more", "Steps (days)", "Share, 0 to 1", "0", "1d", "7d", "First \"line\"", "Bound", "0.0", "0.4", "1.0", "0.900",
        }));
        var lines = root.Elements(Svg + "path").Where(line => line.Attribute("d")!.Value.Count(letter => letter == 'L') == 2).ToList();
        Assert.That(lines.Select(line => line.Attribute("stroke-dasharray") is not null), Is.EqualTo(new[] { false, true }));
        Assert.That(root.Elements(Svg + "circle").Count(), Is.EqualTo(6));
    }

    [Test]
    public void ToSvg_Values_LieWhereTheAxisSays()
    {
        var root = XDocument.Parse(Chart.ToSvg()).Root!;
        var marks = root.Elements(Svg + "line")
            .Where(line => (string?)line.Attribute("x1") == "70" && (string?)line.Attribute("x2") == "630")
            .Select(line => (double)line.Attribute("y1")!).ToList();
        var circles = root.Elements(Svg + "circle").Select(circle => (double)circle.Attribute("cy")!).ToList();
        Assert.That(marks, Has.Count.EqualTo(6));
        Assert.That(circles[1], Is.EqualTo(marks[4]).Within(0.01), "0.8 lies on the mark of 0.8");
        Assert.That(circles[2], Is.EqualTo((marks[0] + marks[1]) / 2).Within(0.01), "0.1 lies half way to the mark of 0.2");
        Assert.That(circles[3], Is.EqualTo(marks[5]).Within(0.01), "1 lies on the mark of 1");
    }

    [Test]
    public void ToSvg_ValueUnderAnotherLine_IsWrittenBelowItsPoint()
    {
        var root = XDocument.Parse(Chart.ToSvg()).Root!;
        double HeightOf(string text) => (double)root.Elements(Svg + "text").Single(one => one.Value == text).Attribute("y")!;
        var circles = root.Elements(Svg + "circle").Select(circle => (double)circle.Attribute("cy")!).ToList();
        Assert.That(HeightOf("0.900"), Is.GreaterThan(circles[0]), "the bound of 1 is right above it");
        Assert.That(HeightOf("0.800"), Is.LessThan(circles[1]), "there is room above it");
    }

    [Test]
    public void ToSvg_SameChart_GivesTheSameBytesInAnyCulture()
    {
        var expected = Chart.ToSvg();
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var commas = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            System.Globalization.CultureInfo.CurrentCulture = commas;
            Assert.That(Chart.ToSvg(), Is.EqualTo(expected));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }
    }
}
