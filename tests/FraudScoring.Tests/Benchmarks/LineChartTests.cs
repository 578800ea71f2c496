using System.Xml.Linq;
using FraudScoring.LoadTest;

namespace FraudScoring.Tests.Benchmarks;

public sealed class LineChartTests
{
    [TestCase(7.3, "10")]
    [TestCase(10, "10")]
    [TestCase(1234, "2,500")]
    [TestCase(0.04, "0.05")]
    [TestCase(0, "0")]
    public void Linear_EndsAtARoundNumberThatIsNotBelowTheGreatest(double greatest, string end) =>
        Assert.That(ChartAxis.Linear("", greatest).Ticks[^1].Label, Is.EqualTo(end));

    [Test]
    public void Logarithmic_CoversWholePowersOfTen() => Assert.That(
        ChartAxis.Logarithmic("", 0.3, 45).Ticks.Select(tick => tick.Label), Is.EqualTo(new[] { "0.1", "1", "10", "100" }));

    [Test]
    public void Place_OfTheMiddle_DependsOnTheAxis()
    {
        Assert.That(ChartAxis.Linear("", 10).Place(5), Is.EqualTo(0.5));
        Assert.That(ChartAxis.Logarithmic("", 1, 100).Place(10), Is.EqualTo(0.5).Within(1e-12));
    }

    [Test]
    public void Svg_Lines_AreDrawnAndNamed()
    {
        var svg = XDocument.Parse(LineChart.Svg(
            "Title", ChartAxis.Linear("x", 10), ChartAxis.Linear("y", 10),
            [new ChartLine("a < b", [(0, 0), (5, double.NaN), (10, 10)], 0), new ChartLine("c", [(0, 1)], 1)]));
        var lines = svg.Descendants().Where(element => element.Name.LocalName == "polyline").ToList();
        Assert.That(lines[0].Attribute("points")!.Value, Is.EqualTo("80,430 700,50"));
        Assert.That(lines, Has.Count.EqualTo(2));
        Assert.That(svg.Descendants().Select(element => element.Value), Does.Contain("a < b").And.Contain("c"));
    }
}
