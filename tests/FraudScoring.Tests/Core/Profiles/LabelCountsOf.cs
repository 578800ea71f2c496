using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Profiles;

/// <summary>Counts of one window.</summary>
internal static class LabelCountsOf
{
    public static double FraudCount(this LabelHistory history, long nowMs, LabelWindow window) => history.In(nowMs, window).Frauds;

    public static double FraudRate(this LabelHistory history, long nowMs, LabelWindow window) => history.In(nowMs, window).FraudRate;

    private static LabelCounts In(this LabelHistory history, long nowMs, LabelWindow window)
    {
        var counts = new LabelCounts[1];
        history.Count(nowMs, [window], counts);
        return counts[0];
    }
}
