using System.Globalization;
using System.Xml.Linq;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Elements of an HTML page. They are XML, so whatever text they hold is escaped and the page is well-formed.</summary>
internal static class Html
{
    /// <summary>An element; content may be texts, elements and lists of them.</summary>
    public static XElement Element(string name, string? style, params object?[] content)
    {
        var element = new XElement(name, content);
        if (style is not null)
        {
            element.SetAttributeValue("class", style);
        }
        // A browser reads <td /> as an opening tag: every element has content, if only an empty text.
        if (element.IsEmpty)
        {
            element.Add("");
        }
        return element;
    }

    /// <summary>A table; cells of the given columns, from 0, are numbers.</summary>
    public static XElement Table(IReadOnlyList<string> heads, IEnumerable<object?[]> rows, params int[] numbers)
    {
        return Element("div", "scroll", Element("table", null,
            Element("thead", null, Element("tr", null, heads.Select((head, i) => Element("th", Style(i), head)))),
            Element("tbody", null, rows.Select(row => Element("tr", null, row.Select((cell, i) => Element("td", Style(i), cell)))))));

        string? Style(int column) => numbers.Contains(column) ? "number" : null;
    }

    /// <summary>A part of the page.</summary>
    public static XElement Section(string title, string explanation, params object?[] content) =>
        Element("section", null, Element("h2", null, title), Element("p", "explanation", explanation), content);

    /// <summary>A status as a coloured word.</summary>
    public static XElement Pill(GateStatus status) => status switch
    {
        GateStatus.Passed => Element("span", "pill passed", "passed"),
        GateStatus.Failed => Element("span", "pill failed", "failed"),
        GateStatus.Waived => Element("span", "pill waived", "waived"),
        _ => Element("span", "pill none", "not applicable"),
    };

    /// <summary>A number as people read it: four decimals, or a power of ten when it is smaller than they show.</summary>
    public static string Number(double? value) => value switch
    {
        null or double.NaN => "–",
        0 => "0",
        { } tiny when Math.Abs(tiny) < 0.00005 => tiny.ToString("0.0e+0", CultureInfo.InvariantCulture),
        { } number => number.ToString("#,0.####", CultureInfo.InvariantCulture),
    };

    /// <summary>A share in per cent.</summary>
    public static string Percent(double share, int digits = 2) =>
        double.IsNaN(share) ? "–" : (share * 100).ToString(digits == 1 ? "0.0" : digits == 2 ? "0.00" : "0.000", CultureInfo.InvariantCulture) + " %";

    /// <summary>A count.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
