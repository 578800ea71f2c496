using Spectre.Console;

namespace FraudScoring.Server.Demo;

/// <summary>What is left on the screen when the demo has ended.</summary>
internal static class DemoSummary
{
    /// <summary>Prints the last reading.</summary>
    public static void Print(IAnsiConsole console, LiveReading reading)
    {
        var board = reading.Board;
        var frauds = board.AllFrauds;
        var table = ReadingTables.New("").AddColumn("").HideHeaders();
        Add("payments scored", Figures.Count(board.Scored));
        Add("payments/s", Figures.Count((long)Math.Round(board.Scored / Math.Max(reading.Elapsed.TotalSeconds, 0.001))));
        Add("frauds caught", $"{Figures.Count(frauds.Flagged)} of {Figures.Count(frauds.Payments)} ({Figures.Percent(frauds.FlaggedShare)})");
        Add("false-positive rate", $"{Figures.Percent(board.Legitimate.FlaggedShare, 2)} of {Figures.Count(board.Legitimate.Payments)} legitimate payments");
        Add("precision", Figures.Percent(board.Precision));
        Add("decisions", string.Join(", ", board.Decisions.Select(decision => $"{Figures.Words(decision.Name).ToLowerInvariant()} {Figures.Count(decision.Count)}")));
        Add("decisions delivered", Figures.Count(reading.Delivered));
        Add("events in the profiles", $"{Figures.Count(reading.Transactions.Applied)} of {Figures.Count(reading.Transactions.Published)} published");
        Add("labels in the profiles", $"{Figures.Count(reading.Labels.Applied)} of {Figures.Count(reading.Labels.Published)} published");
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
        console.Write(ReadingTables.Beside(ReadingTables.Latencies(board), ReadingTables.Frauds(board)));

        void Add(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }
}
