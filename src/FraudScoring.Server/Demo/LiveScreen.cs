using System.Globalization;
using FraudScoring.Core.Simulation;
using FraudScoring.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FraudScoring.Server.Demo;

/// <summary>Lays the figures out on a screen: head, times beside frauds, latest declines, and a foot when something is amiss.</summary>
internal static class LiveScreen
{
    /// <summary>From this width on, reasons are told in sentences rather than in codes.</summary>
    public const int WideFrom = 110;

    private const int FixedRows = 19;

    /// <summary>The screen for a reading, of the given size in characters.</summary>
    public static IRenderable Of(LiveReading reading, int width, int height) => new Rows(
        Head(reading),
        new Text(""),
        new Columns(ReadingTables.Latencies(reading.Board), ReadingTables.Frauds(reading.Board)) { Expand = false, Padding = new Padding(0, 0, 3, 0) },
        Declines(reading.Board, Math.Max(1, height - FixedRows), width),
        Foot(reading));

    private static Grid Head(LiveReading reading)
    {
        var board = reading.Board;
        var ofDuration = reading.Duration is { } duration ? " of " + Figures.Seconds(duration) : "";
        var grid = new Grid().AddColumn(Cell()).AddColumn(Cell());
        grid.AddRow(
            new Markup($"[bold]{Figures.Count((long)Math.Round(reading.PerSecond))}[/] payments/s, [bold]{Figures.Count(board.Scored)}[/] scored"),
            new Markup($"[bold]{Figures.Seconds(reading.Elapsed)}[/]{ofDuration}, simulated clock {Figures.Minute(reading.Simulated)}"));
        grid.AddRow(
            new Markup(string.Join("  ", board.Decisions.Select(decision => $"[{ColorOf(decision.Name)}]{decision.Name}[/] {Figures.Count(decision.Count)}"))),
            new Markup($"[grey]events[/] {Figures.Count(reading.Transactions.Applied)}  [grey]labels[/] {Figures.Count(reading.Labels.Applied)}"));
        return grid;
    }

    private static GridColumn Cell() => new() { NoWrap = true, Padding = new Padding(0, 0, 3, 0) };

    private static Table Declines(ScoreboardReading board, int rows, int width)
    {
        var table = ReadingTables.New("[bold]latest declines[/]", "amount", "risk", "truth", "reasons").Expand();
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        foreach (var declined in board.LatestDeclines.Take(rows))
        {
            table.AddRow(
                new Text(declined.Payment.EventTime.ToDateTimeOffset().ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)),
                new Text($"{declined.Payment.Amount} {declined.Payment.Currency}"),
                new Text(Figures.Percent(declined.Assessment.FraudProbability, 0)),
                declined.Scenario == FraudScenario.None ? new Markup("[yellow]legitimate[/]") : new Markup("[green]fraud[/]"),
                new Text(Reasons(declined.Assessment, width)) { Overflow = Overflow.Ellipsis });
        }
        for (var row = table.Rows.Count; row < rows; row++)
        {
            table.AddEmptyRow();
        }
        return table;
    }

    private static string Reasons(Assessment assessment, int width) => width >= WideFrom
        ? string.Join("; ", assessment.Reasons.Select(reason => reason.Text))
        : string.Join(", ", assessment.Reasons.Select(reason => reason.Code));

    private static Markup Foot(LiveReading reading)
    {
        var board = reading.Board;
        List<string> amiss =
        [
            .. board.Degradations.Select(count => $"[yellow]{Figures.Words(count.Name)} {Figures.Count(count.Count)}[/]"),
            .. board.Failures.Select(count => $"[red]Failed {count.Name} {Figures.Count(count.Count)}[/]"),
        ];
        if (board.LastFailure is { Length: > 0 } failure)
        {
            amiss.Add(Markup.Escape(failure));
        }
        if (reading.LastLog is { } line)
        {
            amiss.Add($"[yellow]{Markup.Escape(line.Text)}[/]");
        }
        var text = amiss.Count == 0 ? "[grey]Ctrl-C ends the demo[/]" : string.Join("  ", amiss);
        return new Markup(text) { Overflow = Overflow.Ellipsis };
    }

    private static string ColorOf(string decision) => decision switch
    {
        nameof(Decision.Approve) => "green",
        nameof(Decision.Review) => "yellow",
        nameof(Decision.Challenge) => "orange1",
        _ => "red",
    };
}
