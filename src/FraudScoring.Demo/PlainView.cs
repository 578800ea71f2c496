using Spectre.Console;

namespace FraudScoring.Demo;

/// <summary>A line every few seconds, for files and pipes.</summary>
internal sealed class PlainView(IAnsiConsole console, TimeSpan interval, TimeProvider time) : IDemoView
{
    /// <inheritdoc />
    public Task ShowHistoryAsync(HistoryFeed history, Task loading) =>
        RepeatAsync(loading, () =>
            $"History: {Figures.Count(history.Applied)} of about {Figures.Count(history.Expected)} payments are in the profiles");

    /// <inheritdoc />
    public Task ShowLiveAsync(LiveFigures figures, Task traffic) => RepeatAsync(traffic, () => Line(figures.TakeReading()));

    /// <summary>A reading in a line.</summary>
    public static string Line(LiveReading reading)
    {
        var board = reading.Board;
        var roundTrip = board.Latencies[0];
        string[] parts =
        [
            $"{Figures.Clock(reading.Elapsed)}: {Figures.Count(board.Scored)} scored, "
                + $"{Figures.Count((long)Math.Round(reading.PerSecond))}/s",
            $"simulated {Figures.Minute(reading.Simulated)}",
            $"p50 {Figures.Milliseconds(roundTrip.P50Micros)} ms, p99 {Figures.Milliseconds(roundTrip.P99Micros)} ms",
            $"{Figures.Count(board.AllFrauds.Flagged)} of {Figures.Count(board.AllFrauds.Payments)} frauds caught",
            $"false positives {Figures.Percent(board.Legitimate.FlaggedShare, 2)}",
            .. board.Degradations.Select(count => $"{Figures.Count(count.Count)} with {Figures.Words(count.Name).ToLowerInvariant()}"),
            .. board.Failures.Select(count => $"{Figures.Count(count.Count)} failed ({count.Name})"),
        ];
        return string.Join("; ", parts);
    }

    private async Task RepeatAsync(Task work, Func<string> line)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()) != work)
        {
            console.Profile.Out.Writer.WriteLine(line());
        }
        await work;
    }
}
