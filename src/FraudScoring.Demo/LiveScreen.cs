using System.Globalization;
using FraudScoring.Simulation;
using FraudScoring.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FraudScoring.Demo;

/// <summary>Lays the figures out on a screen: header, times next to frauds, latest declines, and a footer if something is wrong.</summary>
internal static class LiveScreen
{
    /// <summary>Least width at which reasons are shown as sentences rather than codes.</summary>
    public const int WideFrom = 110;

    // Header, tables, blank lines between them, heads of the declines and footer; the last row stays free for the cursor.
    private const int OtherRows = 18;
    private const int TimeWidth = 11;
    private const int AmountWidth = 14;
    private const int ScoreWidth = 6;

    /// <summary>The screen for a reading, of the given size in characters.</summary>
    public static IRenderable Render(LiveReading reading, int width, int height) => new Rows(
        Head(reading),
        Text.Empty,
        ReadingTables.SideBySide(ReadingTables.Latencies(reading.Board), ReadingTables.Frauds(reading.Board)),
        Text.Empty,
        Declines(reading.Board, Math.Max(1, height - OtherRows), width),
        Foot(reading, width));

    private static Rows Head(LiveReading reading)
    {
        var board = reading.Board;
        var ofDuration = reading.Duration is { } duration ? " of " + Figures.Clock(duration) : "";
        var decisions = board.Decisions.Select(decision =>
            $"{Figures.Words(decision.Name).ToLowerInvariant()} [bold {ColorOf(decision.Name)}]{Figures.Count(decision.Count)}[/]");
        return new Rows(
            new Markup($"[bold]{Figures.Count((long)Math.Round(reading.PerSecond))}[/] payments/s  "
                + $"[bold]{Figures.Count(board.Scored)}[/] scored  "
                + $"{Figures.Clock(reading.Elapsed)}{ofDuration}  simulated [bold]{Figures.Minute(reading.Simulated)}[/]"),
            new Markup(string.Join("   ", decisions)),
            new Markup($"[grey]events {Figures.Count(reading.Transactions.Applied)}   labels {Figures.Count(reading.Labels.Applied)}   "
                + $"decisions delivered {Figures.Count(reading.Delivered)}[/]"));
    }

    private static Table Declines(ScoreboardReading board, int rows, int width)
    {
        var truthWidth = width >= WideFrom ? 21 : 11;
        var reasonsWidth = Math.Max(10, width - TimeWidth - AmountWidth - ScoreWidth - truthWidth - (5 * ReadingTables.Gap));
        var table = new Table().Border(TableBorder.None);
        table.AddColumn(ReadingTables.Column("declined at", TimeWidth));
        table.AddColumn(ReadingTables.Column("amount", AmountWidth).RightAligned());
        table.AddColumn(ReadingTables.Column("score", ScoreWidth).RightAligned());
        table.AddColumn(ReadingTables.Column("truth", truthWidth));
        table.AddColumn(ReadingTables.Column("reasons", reasonsWidth));
        foreach (var declined in board.LatestDeclines.Take(rows))
        {
            table.AddRow(
                new Text(declined.Payment.EventTime.ToDateTimeOffset().ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)),
                new Text($"{declined.Payment.Amount} {declined.Payment.Currency}"),
                new Text(Figures.Percent(declined.Assessment.FraudProbability, 0)),
                Truth(declined.Scenario, width),
                new Text(Figures.Clip(Reasons(declined.Assessment, width), reasonsWidth)));
        }
        for (var row = table.Rows.Count; row < rows; row++)
        {
            table.AddEmptyRow();
        }
        return table;
    }

    private static Markup Truth(FraudScenario scenario, int width) => scenario == FraudScenario.None ? new Markup("[yellow]legitimate[/]")
        : width < WideFrom ? new Markup("[green]fraud[/]")
        : new Markup($"[green]{Figures.Words(scenario).ToLowerInvariant()}[/]");

    private static string Reasons(Assessment assessment, int width) => width >= WideFrom
        ? string.Join("; ", assessment.Reasons.Select(reason => reason.Text))
        : string.Join(", ", assessment.Reasons.Select(reason => reason.Code));

    private static Text Foot(LiveReading reading, int width)
    {
        var board = reading.Board;
        List<string> amiss =
        [
            .. board.Failures.Select(count => $"{Figures.Count(count.Count)} failed ({count.Name})"),
            .. board.Degradations.Select(count => $"{Figures.Count(count.Count)} with {Figures.Words(count.Name).ToLowerInvariant()}"),
        ];
        if (board.LastFailure is { Length: > 0 } failure)
        {
            amiss.Add(failure);
        }
        if (reading.LastLog is { } line)
        {
            amiss.Add(line.Text);
        }
        return amiss.Count == 0
            ? new Text("Ctrl-C ends the demo", Color.Grey)
            : new Text(
                Figures.Clip(string.Join("; ", amiss).ReplaceLineEndings(" "), width - 1), board.Failed > 0 ? Color.Red : Color.Yellow);
    }

    private static string ColorOf(string decision) => decision switch
    {
        nameof(Decision.Approve) => "green",
        nameof(Decision.Review) => "yellow",
        nameof(Decision.Challenge) => "orange1",
        _ => "red",
    };
}
