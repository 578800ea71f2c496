namespace FraudScoring.Demo;

/// <summary>Shows the demo while it runs: as a live screen on a terminal, otherwise as lines.</summary>
internal interface IDemoView
{
    /// <summary>Shows the progress of loading the history.</summary>
    Task ShowHistoryAsync(HistoryFeed history, Task loading);

    /// <summary>Shows the results of the payments until the traffic ends.</summary>
    Task ShowLiveAsync(LiveFigures figures, Task traffic);
}
