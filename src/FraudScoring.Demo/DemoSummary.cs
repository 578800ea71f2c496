using Spectre.Console;

namespace FraudScoring.Demo;

/// <summary>The summary that stays on the screen when the demo has ended.</summary>
internal static class DemoSummary
{
    public static void Print(IAnsiConsole console, LiveReading reading)
    {
        var board = reading.Board;
        var (frauds, legitimate) = (board.AllFrauds, board.Legitimate);
        var decisions = board.Decisions.Select(decision => $"{decision.Name.ToLowerInvariant()} {Figures.Count(decision.Count)}");
        var table = ReadingTables.New("").AddColumn("").HideHeaders();
        Add("payments scored", Figures.Count(board.Scored));
        Add("payments/s", Figures.Count((long)(board.Scored / Math.Max(reading.Elapsed.TotalSeconds, 1))));
        Add("frauds caught",
            $"{Figures.Count(frauds.Flagged)} of {Figures.Count(frauds.Payments)} ({Figures.Percent(frauds.FlaggedShare)})");
        Add("false-positive rate",
            $"{Figures.Percent(legitimate.FlaggedShare, 2)} of {Figures.Count(legitimate.Payments)} legitimate payments");
        Add("precision", Figures.Percent(board.Precision));
        Add("decisions", string.Join(", ", decisions));
        Add("decisions delivered", Figures.Count(reading.Delivered));
        Add("events in the profiles", Applied(reading.Transactions));
        Add("labels in the profiles", Applied(reading.Labels));
        foreach (var degradation in board.Degradations)
        {
            Add(Figures.Words(degradation.Name).ToLowerInvariant(), $"{Figures.Count(degradation.Count)} answers");
        }
        foreach (var failure in board.Failures)
        {
            Add("failed: " + failure.Name, $"{Figures.Count(failure.Count)} calls ({board.LastFailure})");
        }
        console.WriteLine();
        console.Write(table);
        console.WriteLine();
        console.Write(ReadingTables.SideBySide(ReadingTables.Latencies(board), ReadingTables.Frauds(board)));

        void Add(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string Applied((long Published, long Applied) records) =>
        $"{Figures.Count(records.Applied)} of {Figures.Count(records.Published)} published";
}
