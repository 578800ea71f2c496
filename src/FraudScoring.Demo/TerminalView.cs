using Spectre.Console;

namespace FraudScoring.Demo;

/// <summary>A progress bar, then a screen of figures that is redrawn four times a second.</summary>
internal sealed class TerminalView(IAnsiConsole console, TimeProvider time) : IDemoView
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc />
    public async Task ShowHistoryAsync(HistoryFeed history, Task loading)
    {
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask("Loading history");
                while (!loading.IsCompleted)
                {
                    task.MaxValue = history.Expected;
                    task.Value = history.Applied;
                    task.Description = $"{Figures.Count(history.Applied)} payments of history in the profiles";
                    await Task.WhenAny(loading, Task.Delay(Interval, time));
                }
            });
        await loading;
    }

    /// <inheritdoc />
    public async Task ShowLiveAsync(LiveFigures figures, Task traffic)
    {
        // The alternate screen: when it closes, the earlier lines of the terminal are back, directly above the summary.
        var apart = console.Profile.Capabilities.AlternateBuffer;
        console.Write(new ControlCode(apart ? "\e[?1049h\e[H" : ""));
        try
        {
            await console.Live(Text.Empty).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
            {
                while (!traffic.IsCompleted)
                {
                    context.UpdateTarget(LiveScreen.Render(figures.TakeReading(), console.Profile.Width, console.Profile.Height));
                    await Task.WhenAny(traffic, Task.Delay(Interval, time));
                }
            });
        }
        finally
        {
            console.Write(new ControlCode(apart ? "\e[?1049l" : ""));
        }
        await traffic;
    }
}
