using Spectre.Console;

namespace FraudScoring.Server.Demo;

/// <summary>Tables that both the live screen and the summary show.</summary>
internal static class ReadingTables
{
    /// <summary>A table in the demo's style.</summary>
    /// <param name="heads">Markup of the columns' heads.</param>
    public static Table New(params IEnumerable<string> heads)
    {
        var table = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey);
        foreach (var head in heads)
        {
            table.AddColumn(new TableColumn(new Markup(head)) { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
        }
        return table;
    }

    /// <summary>Times per stage.</summary>
    public static Table Latencies(ScoreboardReading board)
    {
        var table = New("[bold]time in ms[/]", "p50", "p99");
        foreach (var latency in board.Latencies)
        {
            table.AddRow(
                new Text(Figures.Words(latency.Stage)),
                new Text(Figures.Milliseconds(latency.P50Micros)).RightJustified(),
                new Text(Figures.Milliseconds(latency.P99Micros)).RightJustified());
        }
        return table;
    }

    /// <summary>Frauds by scenario, and what it cost to catch them.</summary>
    public static Table Frauds(ScoreboardReading board)
    {
        var table = New("[bold]frauds[/]", "caught", "missed", "share");
        foreach (var fraud in board.Frauds)
        {
            Add(table, Figures.Words(fraud.Scenario), fraud);
        }
        Add(table, "[bold]all frauds[/]", board.AllFrauds);
        table.AddRow(new Text("false positives"), Right(board.Legitimate.Flagged), new Text(""), Right(Figures.Percent(board.Legitimate.FlaggedShare, 2)));
        table.AddRow(new Text("precision"), new Text(""), new Text(""), Right(Figures.Percent(board.Precision)));
        return table;
    }

    private static void Add(Table table, string name, ScenarioCount count) =>
        table.AddRow(new Markup(name), Right(count.Flagged), Right(count.Passed), Right(Figures.Percent(count.FlaggedShare)));

    private static Text Right(long count) => Right(Figures.Count(count));

    private static Text Right(string text) => new Text(text).RightJustified();
}
