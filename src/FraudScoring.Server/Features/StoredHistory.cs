using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>Which history the profiles lack, as last read from Redis, and which features that concerns.</summary>
internal sealed class StoredHistory
{
    private readonly FeatureReach[] _reaches;
    private readonly PastRange _payments, _labels;
    private volatile IReadOnlyList<(int Topic, HistoryGap Gap)> _gaps = [];
    private volatile bool _isMissing;
    private long _sinceMs;

    public StoredHistory(FeatureCatalogue catalogue)
    {
        _reaches = FeatureReach.Of(catalogue);
        _payments = _reaches.Aggregate(default(PastRange), (all, reach) => all.With(reach.Payments));
        _labels = _reaches.Aggregate(default(PastRange), (all, reach) => all.With(reach.Labels));
    }

    /// <summary>True while a window of the catalogue reaches into a gap that a loss left.</summary>
    public bool IsMissing => _isMissing;

    /// <summary>The event time that the history of transactions begins with, if their log began late; null otherwise.</summary>
    public long? SinceMs => Volatile.Read(ref _sinceMs) is > 0 and var sinceMs ? sinceMs : null;

    /// <summary>How much of the longest window is not covered because of a loss.</summary>
    public TimeSpan Missing { get; private set; }

    /// <summary>Takes a reading over.</summary>
    public void Update(FreshnessReading reading)
    {
        _gaps = [.. reading.Gaps.Select(gap => (AppliedOffsets.TopicOf(gap.Key), gap.Value))];
        Volatile.Write(ref _sinceMs, reading.SinceMs
            .Where(since => AppliedOffsets.TopicOf(since.Key) == TransactionRecord.TopicNumber).Select(since => since.Value)
            .DefaultIfEmpty(0).Max());
        var missing = _gaps.Select(gap =>
            MissingMs(gap.Topic == TransactionRecord.TopicNumber ? _payments : _labels, gap.Gap, reading.NowMs));
        Missing = TimeSpan.FromMilliseconds(missing.DefaultIfEmpty(0).Max());
        _isMissing = Missing > TimeSpan.Zero;
    }

    /// <summary>True if a feature's value may lack records that were lost.</summary>
    /// <param name="feature">Row index.</param>
    /// <param name="nowMs">Time of the payment, milliseconds since the Unix epoch.</param>
    public bool Lacks(int feature, long nowMs)
    {
        var reach = _reaches[feature];
        return _gaps.Any(gap => (gap.Topic == TransactionRecord.TopicNumber ? reach.Payments : reach.Labels)
            .ReachesInto(nowMs, gap.Gap.StartMs, gap.Gap.EndMs ?? nowMs));
    }

    private static long MissingMs(PastRange longest, HistoryGap gap, long nowMs)
    {
        var endMs = Math.Min(gap.EndMs ?? nowMs, nowMs - longest.ToMs);
        return longest.IsEmpty ? 0 : Math.Max(0, endMs - Math.Max(gap.StartMs, nowMs - longest.FromMs));
    }
}
