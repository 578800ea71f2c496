using System.Globalization;
using System.Xml.Linq;

namespace FraudScoring.Training.Reports;

/// <summary>Builds HTML elements as XML, so that text is always escaped and the page always well-formed.</summary>
internal static class Html
{
    // Defence in depth: the browser loads nothing even if unescaped text gets into the page.
    private const string LoadNothing = "default-src 'none'; style-src 'unsafe-inline'";

    /// <summary>An element with an optional class. Content may be text, elements or sequences of both.</summary>
    public static XElement Element(string name, string? style, params object?[] content)
    {
        var element = new XElement(name, content);
        if (style is not null)
        {
            element.SetAttributeValue("class", style);
        }
        // Browsers read <td /> as an opening tag, so an empty element gets an empty text to be written as <td></td>.
        if (element.IsEmpty)
        {
            element.Add("");
        }
        return element;
    }

    /// <summary>A table. The given columns, counted from 0, hold numbers and are aligned right.</summary>
    public static XElement Table(IReadOnlyList<string> heads, IEnumerable<object?[]> rows, params int[] numbers)
    {
        return Element("div", "scroll", Element("table", null,
            Element("thead", null, Element("tr", null, heads.Select((head, i) => Element("th", Style(i), head)))),
            Element("tbody", null, rows.Select(row => Element("tr", null, row.Select((cell, i) => Element("td", Style(i), cell)))))));

        string? Style(int column) => numbers.Contains(column) ? "number" : null;
    }

    public static XElement Section(string title, string explanation, params object?[] content) =>
        Element("section", null, Element("h2", null, title), Element("p", "explanation", explanation), content);

    /// <summary>A figure with its name, for a grid of class <c>facts</c>.</summary>
    public static XElement Fact(string value, string name) =>
        Element("div", "fact", Element("b", null, value), Element("span", null, name));

    /// <summary>A number with at most four decimals, in scientific notation if that would show zero, and a dash for null or NaN.</summary>
    public static string Number(double? value) => value switch
    {
        null or double.NaN => "–",
        0 => "0",
        { } tiny when Math.Abs(tiny) < 0.00005 => tiny.ToString("0.0e+0", CultureInfo.InvariantCulture),
        { } number => number.ToString("#,0.####", CultureInfo.InvariantCulture),
    };

    /// <summary>A share of 0 to 1 in per cent, with 1 to 3 decimals, and a dash for NaN.</summary>
    public static string Percent(double share, int digits = 2)
    {
        var format = digits == 1 ? "0.0" : digits == 2 ? "0.00" : "0.000";
        return double.IsNaN(share) ? "–" : (share * 100).ToString(format, CultureInfo.InvariantCulture) + " %";
    }

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A whole page: self-contained, without scripts or external references.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="content">The content of its main element.</param>
    public static string Page(string title, params object?[] content)
    {
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", LoadNothing)),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", title), new XElement("style", PageStyle.Css)),
            new XElement("body", Element("main", null, content)));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }
}
