namespace FraudScoring.Server.Streams;

/// <summary>A span of record timestamps to search.</summary>
/// <param name="FromMs">Its start, milliseconds since the Unix epoch.</param>
/// <param name="UntilMs">Its end, exclusive.</param>
internal readonly record struct SearchWindow(long FromMs, long UntilMs)
{
    /// <summary>Windows around times, joined where they overlap, in order.</summary>
    /// <param name="timesMs">The times, milliseconds since the Unix epoch, in any order.</param>
    /// <param name="marginMs">How far a window reaches to both sides.</param>
    public static IReadOnlyList<SearchWindow> Around(IEnumerable<long> timesMs, long marginMs)
    {
        var windows = new List<SearchWindow>();
        foreach (var timeMs in timesMs.Order())
        {
            var window = new SearchWindow(Math.Max(0, timeMs - marginMs), timeMs + marginMs);
            if (windows is [.., var last] && window.FromMs <= last.UntilMs)
            {
                windows[^1] = last with { UntilMs = window.UntilMs };
            }
            else
            {
                windows.Add(window);
            }
        }
        return windows;
    }
}
