namespace FraudScoring.Demo;

/// <summary>Shows the demo as it goes: on a terminal, or as lines where there is none.</summary>
internal interface IDemoView
{
    /// <summary>Shows how the history is loaded, until it is.</summary>
    Task ShowHistoryAsync(HistoryFeed history, Task loading);

    /// <summary>Shows what becomes of the payments, until the traffic ends.</summary>
    Task ShowLiveAsync(LiveFigures figures, Task traffic);
}
