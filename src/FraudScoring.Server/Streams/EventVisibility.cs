using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>Measures from the timestamps of records how long they took to reach the profiles.</summary>
internal static class EventVisibility
{
    // Producers may write anything as a timestamp: nothing (-1), microseconds, or the time of an event of long ago that is loaded now.
    private const long LongestMs = MillisecondsPer.Day, AheadMs = MillisecondsPer.Minute;

    /// <summary>Observes a batch, except for timestamps that cannot be the time at which a record was written.</summary>
    public static void Observe(string topic, IEnumerable<long> timestampsMs, long nowMs)
    {
        var visible = ServerMetrics.EventVisibleSeconds.WithLabels(topic);
        foreach (var timestampMs in timestampsMs.Where(timestampMs => IsPlausible(timestampMs, nowMs)))
        {
            visible.Observe(Math.Max(0, (nowMs - timestampMs) / (double)MillisecondsPer.Second));
        }
    }

    /// <summary>True if a timestamp can be the time at which a record was written.</summary>
    public static bool IsPlausible(long timestampMs, long nowMs) => timestampMs >= nowMs - LongestMs && timestampMs <= nowMs + AheadMs;
}
