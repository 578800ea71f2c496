using Spectre.Console;

namespace FraudScoring.Demo;

/// <summary>Tables that both the live screen and the summary show.</summary>
internal static class ReadingTables
{
    public const int Gap = 1;

    /// <summary>A table in the demo's style: names to the left, numbers to the right.</summary>
    /// <param name="title">Head of the first column.</param>
    /// <param name="numbers">Heads of the other columns.</param>
    public static Table New(string title, params IEnumerable<string> numbers)
    {
        var table = new Table().Border(TableBorder.None);
        table.AddColumn(Column(title));
        foreach (var number in numbers)
        {
            table.AddColumn(Column(number).RightAligned());
        }
        return table;
    }

    public static TableColumn Column(string head, int? width = null) =>
        new(new Markup($"[bold underline]{head}[/]")) { NoWrap = true, Width = width, Padding = new Padding(0, 0, Gap, 0) };

    /// <summary>Two tables next to each other.</summary>
    public static Grid SideBySide(Table left, Table right) => new Grid()
        .AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) })
        .AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0) })
        .AddRow(left, right);

    public static Table Latencies(ScoreboardReading board)
    {
        var table = New("time in ms", "p50", "p99");
        foreach (var latency in board.Latencies)
        {
            table.AddRow(Figures.Words(latency.Stage), Figures.Milliseconds(latency.P50Micros), Figures.Milliseconds(latency.P99Micros));
        }
        return table;
    }

    /// <summary>Frauds by scenario, and the false positives.</summary>
    public static Table Frauds(ScoreboardReading board)
    {
        var table = New("frauds", "caught", "missed", "share");
        foreach (var fraud in board.Frauds)
        {
            AddScenario(table, Figures.Words(fraud.Scenario), fraud);
        }
        AddScenario(table, "[bold]all frauds[/]", board.AllFrauds);
        var legitimate = board.Legitimate;
        table.AddRow("false positives", Figures.Count(legitimate.Flagged), "", Figures.Percent(legitimate.FlaggedShare, 2));
        table.AddRow("precision", "", "", Figures.Percent(board.Precision));
        return table;
    }

    private static void AddScenario(Table table, string name, ScenarioCount count) =>
        table.AddRow(name, Figures.Count(count.Flagged), Figures.Count(count.Passed), Figures.Percent(count.FlaggedShare));
}
