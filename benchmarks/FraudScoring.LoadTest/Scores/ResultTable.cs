using System.Globalization;
using System.Text;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>A table of results, for the console and for the record.</summary>
/// <param name="columns">Headings. All columns but the first are numbers.</param>
internal sealed class ResultTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row. Numbers are formatted for their size; NaN becomes a hyphen.</summary>
    public ResultTable Add(string name, params object[] cells)
    {
        _rows.Add([name, .. cells.Select(Text)]);
        return this;
    }

    public void Show(IAnsiConsole console)
    {
        var table = new Table();
        foreach (var (place, column) in columns.Index())
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)) { Alignment = place == 0 ? Justify.Left : Justify.Right });
        }
        foreach (var row in _rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        console.Write(table);
    }

    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", columns).Append(" |\n|---|");
        text.AppendJoin("", columns.Skip(1).Select(_ => "---:|")).Append('\n');
        foreach (var row in _rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }
        return text.ToString();
    }

    private static string Text(object cell) => cell switch
    {
        double.NaN => "-",
        double number => number.ToString(
            Math.Abs(number) switch { >= 1000 => "#,0", >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture),
        IFormattable other => other.ToString("#,0", CultureInfo.InvariantCulture),
        _ => $"{cell}",
    };
}
